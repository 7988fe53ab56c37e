import type { Joining } from './joining';

/** Turkish, for the way in. To be reviewed by somebody whose first language it is: `docs/languages.md`. */
export const tr: Joining = {
  skip: 'İçeriğe geç',
  close: 'Kapat',
  cancel: 'Vazgeç',
  back: 'Geri',
  dismiss: 'Uyarıyı kapat',
  loading: 'Bir saniye …',
  language: 'Dil',
  copied: 'Kopyalandı. Şimdi yapıştırabilirsiniz.',
  copyFailed: 'Lütfen elle kopyalayın',
  copyFailedWhy:
    'Tarayıcı düğmeyle kopyalamaya izin vermiyor. Metin seçili: Ctrl+C ile kopyalayın ya da üzerine uzun basın.',
  copyText: 'Kopyalanacak metin',

  session: {
    signOut: 'Oturumu kapat',
    stillIn: 'Burada oturumunuz hâlâ açık.',
  },

  problem: {
    offline: 'Sunucuya ulaşılamıyor. Belki internet kesildi. Bağlantıyı kontrol edip tekrar deneyin.',
    trying: {
      unreachable: 'Sunucu şu anda cevap vermiyor. Kendiliğinden yeniden denenir. Yazdıklarınız kalır.',
      busy: 'Sunucu şu anda çok yoğun. Kendiliğinden yeniden denenir. Yazdıklarınız kalır.',
    },
    tryNow: 'Şimdi dene',
    other: 'Olmadı, ama bu sizin hatanız değil. Lütfen birazdan tekrar deneyin.',
    retry: 'Tekrar dene',
    notFound: 'Bu artık yok. Lütfen sayfayı yeniden yükleyin.',
    noContract: 'Okulun sözleşmesi eksik, bu yüzden oda açılamıyor. Lütfen okul müdürlüğüne sorun.',
    roomRunning: 'Bu odada ders sürüyor. Lütfen önce dersi herkes için bitirin.',
    signedOut: 'Oturumun süresi doldu. Lütfen yeniden giriş yapın.',
  },

  title: {
    home: 'Görüntülü sınıf',
    signIn: 'Giriş',
    rooms: 'Odalarım',
    account: 'Hesabım',
    check: 'Cihazımı kontrol et',
    preJoin: (room) => `Katıl: ${room}`,
    waiting: 'Bekleme',
    conference: (room) => `Ders ${room}`,
    over: 'Ders',
    nothing: 'Burada bir şey yok',
  },

  home: {
    title: 'Görüntülü sınıfınız',
    lead: 'Öğretmenin verdiği oda adını ya da bağlantıyı yazın. Hesap gerekmez.',
    room: 'Oda',
    roomHint: 'Örneğin: mutiger-dachs-lomi-katu-reno',
    roomMissing: 'Lütfen önce odanın adını yazın. Ad, öğretmenin davetinde yazar.',
    join: 'Katıl',
    teacher: 'Ben öğretmenim',
    teacherHint: 'Giriş yapın ve odanızı açın',
    roomsHint: 'Giriş yapıldı',
    check: 'Bağlantıyı ve cihazları dene',
    checkHint: 'Bu ağda görüntü çalışıyor mu? Kamera, mikrofon ve ses denenir',
    privacy: 'Kayıt yok. İzleme yok. Her şey bu sunucuda kalır.',
  },

  nothing: {
    title: 'Burada bir şey yok',
    text: 'Bu adreste oda yok. Lütfen davetle karşılaştırın ya da odanın adını ana sayfada yazın.',
    home: 'Ana sayfaya',
  },

  check: {
    title: 'Cihazımı kontrol et',
    lead: 'Hiçbir şey gönderilmez. Yalnızca kendinizi görür ve duyarsınız.',
    camera: 'Kamera',
    cameraHint: 'Kamerayı açın. Kendinizi görüyor musunuz?',
    microphone: 'Mikrofon',
    microphoneHint: 'Mikrofonu açıp konuşun. Çubuk hareket ediyor mu?',
    sound: 'Ses',
    soundHint: 'Sesi çalın. Üç ses duyuyor musunuz?',
    play: 'Sesi çal',
    server: 'Sunucuya bağlantı',
    serverOk: 'Sunucu cevap veriyor.',
    serverBad: 'Sunucu cevap vermiyor. İnternet bağlantısını kontrol edin. Okulda ağ ayarlarını sorun.',
    browser: 'Tarayıcı',
    browserOk: 'Bu tarayıcıyla çalışır.',
    browserBad: 'Bu tarayıcı görüntülü görüşme yapamaz. Lütfen yeni bir Firefox, Chrome, Edge ya da Safari kullanın.',
    works: 'Çalışıyor',
    open: 'Henüz denenmedi',
    bad: 'Çalışmıyor',
    hear: 'Evet, duyuyorum',
    notHear: 'Hayır, bir şey duymuyorum',
    notHearTip: 'Sesi yükseltin, kulaklığı kontrol edin ya da başka bir hoparlör seçin.',
  },

  devices: {
    title: 'Kamera, mikrofon ve ses',
    camera: 'Kamera',
    microphone: 'Mikrofon',
    speaker: 'Hoparlör',
    standard: 'Varsayılan cihaz',
    level: 'Mikrofonunuzun seviyesi',
    levelHint: 'Konuşun: çubuk hareket etmeli.',
    namesLater: 'Kamera ya da mikrofon bir kez açılınca adlar görünür.',
  },

  media: {
    microphoneOn: 'Mikrofonu aç',
    microphoneOff: 'Mikrofonu kapat',
    cameraOn: 'Kamerayı aç',
    cameraOff: 'Kamerayı kapat',
    microphone: 'Mikrofon',
    camera: 'Kamera',
    denied: (what) =>
      `${what}: Tarayıcı izin vermiyor. Adresin yanındaki işarete dokunun, izin verin ve tekrar deneyin.`,
    framed: (what) =>
      `${what}: Burada izin yok. Adresin yanındaki işaretten izin verin ya da odayı kendi penceresinde açın.`,
    missing: (what) => `${what}: Cihaz bulunamadı. Bir cihaz takın ya da onsuz katılın. Dinlemek ve yazmak mümkün.`,
    busy: (what) => `${what}: Başka bir program kullanıyor. O programı kapatıp tekrar deneyin.`,
    insecure: (what) => `${what}: Yalnızca güvenli bir sayfada çalışır. Adres https ile başlamalı.`,
    failed: (what) => `${what}: Açılamadı. Cihazı çıkarıp yeniden takın ya da başka bir cihaz seçin.`,
    system: (what) =>
      `${what}: Bu cihazın sistemi izin vermiyor. Sistem ayarlarında “Gizlilik” bölümünde tarayıcıya izin verin ve tarayıcıyı yeniden başlatın.`,
    screenSystem:
      'Bu cihazın sistemi ekranı göstermeye izin vermiyor. Sistem ayarlarında “Gizlilik” bölümünde tarayıcıya izin verin.',
    stopped: (what) => `${what}: Tarayıcı ya da cihaz durdurdu. Gerekirse yeniden açın.`,
    silenced: {
      microphone:
        'Mikrofonunuzu şu anda başka bir şey kullanıyor, örneğin bir telefon görüşmesi. Sonra kendiliğinden devam eder.',
      camera: 'Kameranızı şu anda başka bir şey kullanıyor. Sonra kendiliğinden devam eder.',
    },
    heardAgain: 'Mikrofonunuz geri geldi. Diğerleri sizi duyabilir.',
    takenOver: (what, label) => `${what}: Cihaz çıkarıldı. Şimdi kullanılan: ${label}.`,
    standard: 'varsayılan cihaz',
    speakerGone: 'Seçilen hoparlör artık yok. Ses şimdi varsayılan cihazdan geliyor.',
    again: 'Yeniden aç',
    held: 'başka yerde kullanılıyor',
    screenFailed: 'Ekran gösterilemedi. Lütfen tekrar deneyin ve bir pencere seçin.',
  },

  preJoin: {
    title: 'Hazır mısınız?',
    room: (name) => `Oda ${name}`,
    name: 'Adınız',
    nameGiven: 'Adınız bağlantıyla geldi.',
    nameHint: 'Dersteki herkes bunu görür.',
    nameMissing: 'Lütfen önce adınızı yazın. Öğretmen sizi böyle tanır.',
    nameBad: 'Bu ad olmuyor. En az bir harf ve en çok 60 karakter olmalı.',
    signedInAs: (name) => `Giriş yapıldı. Diğerleri şunu görür: ${name}.`,
    password: 'Parola',
    passwordHint: 'Yalnızca size bir parola verildiyse.',
    join: 'Katıl',
    off: 'Sessiz ve kamerasız girersiniz.',
    kept: 'Burada açtığınız şey, yalnızca öğretmen izin verirse açık kalır.',
    cameraIsOff: 'Kameranız kapalı',
    preview: 'Kendi görüntünüz',
    noDevices: 'Kamera ve mikrofon olmadan da olur.',
    teacher: 'Ben öğretmenim',
  },

  waiting: {
    title: 'Henüz değil',
    text: 'Şu anda girebileceğiniz bir ders yok.',
    reasons: 'Belki öğretmen henüz başlamadı. Belki odanın adı ya da parola doğru değil.',
    notStarted: 'Belki öğretmen henüz başlamadı.',
    next: 'Bekleyebilirsiniz: Bu sayfa kendiliğinden devam eder.',
    change: 'Başka bir parola dene',
    leave: 'Artık bekleme',
    signIn: 'Bu benim odam: giriş yap',
  },

  lobby: {
    title: 'Öğretmeniniz burada olduğunuzu biliyor',
    text: 'Lütfen biraz bekleyin. İçeri alınınca bu sayfa kendiliğinden devam eder.',
    leave: 'Artık bekleme',
  },

  connecting: {
    title: 'Bir saniye …',
    text: 'Derse giden yol açılıyor.',
    back: 'Yerinize geri dönüyorsunuz.',
    slow: 'Bu her zamankinden uzun sürüyor. Belki internet yavaş. Tekrar tekrar denenir.',
  },

  frame: {
    title: 'Göstermek için kendi penceresinde',
    why: 'Bu sayfa ekranı göstermeye izin vermiyor. Kendi penceresinde olur. Burada dersten çıkarsınız.',
    before: 'Bu sayfada ekranınızı gösteremezsiniz. Göstermek isterseniz odayı kendi penceresinde açın.',
    perhaps: 'Bu sayfada ekranı göstermek belki çalışmaz. Göstermek isterseniz odayı kendi penceresinde açın.',
    deviceTitle: 'Kendi penceresinde daha iyi',
    devicesBefore:
      'Bu sayfa kameraya ya da mikrofona izin vermiyor. Görülmek ve duyulmak için odayı kendi penceresinde açın. Dinlemek ve yazmak burada da olur.',
    signedIn: (name) =>
      `${name} olarak giriş yapıldı. Burada bu belki geçerli değildir. Kendi penceresinde her zaman geçerlidir.`,
    open: 'Kendi penceresinde aç',
  },

  over: {
    left: { title: 'Çıktınız', text: 'Ders sizsiz devam ediyor. Geri dönebilirsiniz.' },
    ended: { title: 'Ders bitti', text: 'Ders herkes için bitirildi. Yazışmalar silindi.' },
    removed: {
      title: 'Çıkarıldınız',
      text: 'Bir öğretmen sizi bu dersten çıkardı. Bu derse geri dönemezsiniz. Yanlışlıkla olduysa öğretmeninizle konuşun.',
    },
    closed: {
      title: 'Kapı kapalı',
      text: 'Şu anda yeni kimse giremez. Öğretmeninizden kapıyı açmasını isteyin ve tekrar deneyin.',
    },
    full: {
      title: 'Oda dolu',
      text: 'İçeride yer kalmadı. Öğretmeninize söyleyin ya da daha sonra tekrar deneyin.',
    },
    server_full: {
      title: 'Sunucuda şu anda yer yok',
      text: 'Şu anda çok fazla ders var. Lütfen birkaç dakika sonra tekrar deneyin. Böyle kalırsa okula söyleyin.',
    },
    no_contract: {
      title: 'Bu oda açılmıyor',
      text: 'Okulunuzun sözleşmesi eksik, bu yüzden ders başlamaz. Okul müdürlüğüne söyleyin.',
    },
    pass_ended: {
      title: 'Vekillik bitti',
      text: 'Bu bağlantı artık odayı açmıyor: Süresi doldu ya da geri alındı. Gerekliyse size verene sorun.',
    },
    refused: {
      title: 'İçeri alınmadınız',
      text: 'Öğretmen sizi bu kez içeri almadı. Yanlışlıkla olduysa öğretmeninizle konuşun.',
    },
    too_many_attempts: {
      title: 'Çok fazla deneme',
      text: 'Çok fazla deneme oldu, şimdi ara var. Bağlantıyı ve parolayı kontrol edin. Birkaç dakika sonra tekrar deneyin.',
    },
    replaced: {
      title: 'Başka bir pencerede katıldınız',
      text: 'Şimdi başka bir pencerede katılıyorsunuz. Bunu kapatabilirsiniz.',
    },
    too_many_places: {
      title: 'Çok fazla pencerede katıldınız',
      text: 'Bir kişi aynı anda üç yerde olabilir. Bu bir fazlaydı. Siz değilseniz öğretmeninize söyleyin.',
    },
    disputed: {
      title: 'Bu erişim geçerli değil',
      text: 'Birden fazla okul aynı erişimi kullanıyor, bu yüzden kimse giremez. Lütfen okula söyleyin.',
    },
    signed_out: {
      title: 'Oturumunuz kapatıldı',
      text: 'Oturum başka bir tarayıcıdan kapatıldı ya da parola değişti. Yeniden giriş yapın, sonra geri dönebilirsiniz.',
    },
    bad_seat: {
      title: 'Lütfen yeniden katılın',
      text: 'Yeriniz artık geçerli değil. Lütfen adınızla yeniden katılın.',
    },
    bad_ticket: {
      title: 'Lütfen kurstan yeniden açın',
      text: 'Bu erişimin süresi doldu. Kursa geri dönün ve odayı orada yeniden açın.',
    },
    not_yet: {
      title: 'Henüz değil',
      text: 'Erişiminiz daha sonra başlar. Birazdan tekrar deneyin. Böyle kalırsa okula söyleyin.',
    },
    backToCourse: 'Kursa geri dön',
    again: 'Tekrar dene',
    signIn: 'Yeniden giriş yap',
    comeBack: 'Geri dön',
    comeBackHere: 'Buraya geri dön',
    closeWindow: 'Bu pencereyi kapat',
    closeHint: 'Bu pencereyi kapatabilirsiniz. Kurs diğer pencerede.',
    home: 'Ana sayfaya',
  },

  simple: {
    name: 'Kolay görünüm',
    hint: 'Resimli büyük düğmeler',
    normal: 'Normal görünüm',
    speak: (label) => `Sesli oku: ${label}`,
    wait: 'Lütfen bekleyin',
    teachers: 'Öğrenciler büyük resimli kolay görünümü görür',
  },
};
