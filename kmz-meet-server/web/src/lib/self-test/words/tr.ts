import type { Words } from './en';
// Whoever looks after a network reads the note: it stays in German.
import { note } from './note-de';

/** Turkish. To be reviewed by somebody whose first language it is: `docs/languages.md`. */
export const tr: Words = {
  title: 'Bağlantıyı ve cihazları dene',
  lead: 'Görüntü burada çalışıyor mu? Deneme yaklaşık 20 saniye sürer. Oda ve hesap gerekmez.',
  privacy:
    'Sizi kimse görmez ve duymaz: Görüntünüz ve sesiniz bu tarayıcıda kalır. Sunucuya bir deneme görüntüsü ve bir deneme sesi gider. Ölçümler adsız olarak 30 gün saklanır.',
  permission: 'Tarayıcı kamera ve mikrofon için izin ister. Reddedebilirsiniz: Bağlantı yine de denenir.',
  start: 'Denemeyi başlat',
  again: 'Yeniden dene',
  stillRunning: 'Deneme sürüyor …',
  steps: {
    queued: 'Şu anda başkaları deniyor. Denemeniz kendiliğinden başlar.',
    connecting: 'Sunucuya giden bütün yollar deneniyor …',
    measuring: 'Görüntü ve ses ölçülüyor …',
    reporting: 'Neredeyse bitti …',
  },
  failed: {
    title: 'Deneme yarıda kaldı',
    offline: 'Sunucuya ulaşılamadı. İnterneti kontrol edip yeniden deneyin.',
    gaveWay: 'Şu anda çok kişi deniyor. Lütfen birkaç dakika sonra yeniden deneyin.',
    other: 'Bir şey ters gitti. Lütfen yeniden deneyin.',
  },

  network: 'Bağlantı',
  devices: 'Kamera, mikrofon ve ses',
  choose: 'Hangi cihazlar?',
  path: {
    udp: (port) => `Doğrudan yol (UDP ${port})`,
    relay: (port) => `Sayfanın yolu (TCP ${port})`,
  },
  pathHint: { udp: 'görüntü ve ses için en iyi yol', relay: 'doğrudan yol kapalıysa kullanılan yol' },
  state: {
    waiting: 'Bekliyor',
    connecting: 'Deneniyor …',
    measuring: 'Ölçülüyor …',
    reached: 'Açık',
    blocked: 'Kapalı',
  },
  numbers: 'Ölçümler',
  number: {
    connect: 'Bağlanma süresi',
    roundTrip: 'Gidiş dönüş',
    jitter: 'Dalgalanma',
    lost: 'Kayıp, gidiş / dönüş',
    rate: 'Hız, gidiş / dönüş',
  },
  notMeasured: 'ölçülmedi',
  rateHint: 'Deneme en çok 2 Mbit/s gönderir: derste bir kamera kadar.',

  verdict: {
    good: { title: 'Her şey çalışıyor', text: 'Görüntü ve ses doğrudan yoldan geliyor. Buradan katılabilirsiniz.' },
    weak: {
      title: 'Görüntü çalışıyor, ama bağlantı zayıf',
      text: 'Bazen sözler eksik kalabilir ya da görüntü donabilir.',
    },
    relay: {
      title: 'Görüntü çalışıyor, ama sayfanın yolundan',
      text: 'Bu ağ doğrudan yolu kapatıyor. Çok görüntü olursa daha erken takılır.',
    },
    blocked: {
      title: 'Ağınız görüntüyü ve sesi kapatıyor',
      text: 'Sayfa çalışıyor, ama görüntü ve ses için açık yol yok.',
    },
    unfit: { title: 'Bu tarayıcı görüntülü görüşme yapamaz', text: 'Tarayıcı çok eski ya da gerekli bir şey kapalı.' },
  },
  advice: {
    good: ['Yapılacak bir şey yok. Kulaklıkla ses daha da iyi olur.'],
    weak: [
      'Kablosuz ağa yaklaşın ya da kablo kullanın.',
      'İnterneti kullanan diğer programları kapatın.',
      'Derste sözler eksik kalırsa kamerayı kapatın.',
    ],
    relay: ['Katılabilirsiniz.', 'Notu ağı yöneten kişiye verin: Doğrudan yolu açabilir.'],
    blocked: [
      'Notu ağı yöneten kişiye verin. Neyin açılacağı orada yazar.',
      'O zamana kadar başka bir ağ kullanın, örneğin bir cep telefonunun internetini.',
    ],
    unfit: ['Lütfen yeni bir Firefox, Chrome, Edge ya da Safari kullanın.'],
  },
  weakToo: 'Bağlantı da zayıf: Sözler eksik kalabilir. Kablosuz ağa yakın ya da kabloyla daha iyi olur.',
  partly: (ports) => `Her yol açık değil (${ports}). Biri yeter.`,
  noDetour: 'Sayfanın yolu burada açık değil. Yalnızca doğrudan yol çalışmazsa gerekir.',
  devicesBad: (what) => `Lütfen aşağıdaki cihazlara bakın: ${what}.`,

  code: {
    title: 'Bu sonucun kodu',
    text: 'Bu kodla başkaları, örneğin ağı yöneten kişi, sonucu görür. 30 gün geçerlidir.',
    link: 'Bu sonucun bağlantısı',
    copy: 'Bağlantıyı kopyala',
    copied: 'Bağlantı kopyalandı.',
    spoken: (code) => `Kod ${code}`,
  },
  note: {
    ...note,
    button: 'Ağı yöneten kişi için not',
    print: 'Yazdır',
    back: 'Denemeye dön',
    title: 'Ağı yöneten kişi için not',
    languageHint: 'Not Almancadır: Okulda ağı yöneten kişi okur.',
  },
  result: {
    title: (code) => `Sonuç ${code}`,
    earlier: (time) => `Deneme: ${time}`,
    now: 'Şimdi, bu cihazda',
    repeat: 'Burada yeniden dene',
    hint: 'Deneme yaklaşık 20 saniye sürer. Sunucuya bir deneme görüntüsü ve bir ses gider, başka bir şey gitmez.',
    loading: 'Sonuç aranıyor …',
    missing: 'Bu kodla sonuç yok',
    missingText: 'Kodu karşılaştırın: sekiz harf, rakam yok. Sonuçlar 30 gün saklanır.',
    offline: 'Sonuç şu anda okunamıyor. Lütfen yeniden deneyin.',
  },
  enter: { title: 'Bir kodunuz mu var?', label: 'Kod', submit: 'Sonucu göster' },
  device: { camera: 'Kamera', microphone: 'Mikrofon', speaker: 'Ses' },
  tested: {
    title: 'O zamanki cihazlar',
    works: 'çalışıyor',
    refused: 'izin yok',
    missing: 'bulunamadı',
    failed: 'çalışmıyor',
    untried: 'denenmedi',
  },
};
