// Easy German from link to lesson and back, and the languages of parents up to the door.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { look as accessible } from '../lib/axe.mjs';
import { BROWSERS } from '../lib/browsers.mjs';
import { tabTo } from '../lib/keys.mjs';
import { Stage } from '../lib/stage.mjs';
import { assertSpeaks } from '../lib/words.mjs';

const stage = await Stage.set();
afterEach(() => stage.clear());

const EASY = 'de-simple';

for (const kind of BROWSERS) {
  test(`easy German is chosen by keyboard and stays, in ${kind}`, async () => {
    const room = await stage.api.room();
    const pupil = await stage.person(kind, 'Anna');
    await pupil.visit('/');
    await pupil.awaits('Join');
    await tabTo(pupil, 'Language');
    // The list has German, easy German, English, and then the others.
    await pupil.page.keyboard.press('ArrowUp');
    await pupil.reads('Schreib ihn hier hinein');
    await assertSpeaks(pupil, 'home', EASY, ['en']);
    const text = await pupil.page.evaluate(() => document.activeElement?.tagName);
    assert.equal(text, 'SELECT', 'the focus left the choice of language');
    await tabTo(pupil, 'Raum');
    await pupil.page.keyboard.type(room.name);
    await pupil.page.keyboard.press('Enter');
    await pupil.awaits('Dein Name', 'textbox');
    await assertSpeaks(pupil, 'pre-join', EASY, ['en']);
    assert.match(pupil.page.url(), /lang=de-simple/);
    await pupil.reload();
    await pupil.awaits('Dein Name', 'textbox');
    // One language was downloaded, not all of them.
    const loaded = await pupil.page.evaluate(() =>
      performance.getEntriesByType('resource').map(({ name }) => /language-([a-z-]+?)-[\w-]{8}\.js/.exec(name)?.[1]).filter(Boolean),
    );
    assert.deepEqual([...new Set(loaded)], [EASY]);
  });

  test(`every state of a pupil and of a teacher is in easy German, in ${kind}`, { timeout: 300_000 }, async () => {
    const look = async (person, state) => {
      await assertSpeaks(person, state, EASY, ['en']);
      await accessible(person, state);
    };
    const room = await stage.api.room();
    const { teacher: account } = stage.server.demo;
    const pupil = await stage.person(kind, 'Anna');
    const teacher = await stage.person(kind, stage.api.user.name);
    pupil.language = teacher.language = EASY;

    await pupil.visit('/');
    await pupil.press('Mitmachen');
    await pupil.reads('Hier fehlt noch der Raum');
    await look(pupil, 'home with an error');
    await pupil.visit('/nothing/at/all');
    await pupil.visit('/check');
    await pupil.reads('Mein Gerät prüfen');
    await look(pupil, 'device check');
    await pupil.visit('/test');
    await pupil.reads('Der Test dauert 20 Sekunden');
    await look(pupil, 'self test');
    await pupil.visit(`/${room.name}`);
    await pupil.press('Mitmachen');
    await pupil.reads('Schreib zuerst deinen Namen');
    await look(pupil, 'pre-join with an error');
    await pupil.fill('Dein Name', 'Anna');
    await pupil.press('Mitmachen');
    await pupil.reads('Du kannst gerade nicht hinein');
    await look(pupil, 'waiting');

    await teacher.visit('/sign-in');
    await teacher.fill('Benutzer-Name', account.username);
    await look(teacher, 'sign in');
    const password = kind === 'firefox' ? teacher.page.locator('input[type="password"]') : teacher.find('Passwort', 'textbox');
    await password.fill(account.password);
    await teacher.press('Anmelden');
    await teacher.reads('Meine Räume');
    await look(teacher, 'rooms');
    await teacher.press(`Einstellungen von ${room.name}`);
    await teacher.reads('Das darf die Klasse');
    await look(teacher, 'room settings');
    await teacher.page.keyboard.press('Escape');
    await teacher.visit(`/${room.name}`);
    await teacher.press('Mitmachen');
    await teacher.awaits('Weggehen');
    await pupil.awaits('Weggehen');
    await look(pupil, 'conference');
    await pupil.press('Hand heben');
    await pupil.awaits('Hand herunternehmen');
    await pupil.press('Chat');
    await pupil.reads('Im Chat kannst du allen schreiben');
    await look(pupil, 'chat');
    await pupil.press('Wer ist da?');
    await look(pupil, 'people');
    await pupil.press('Mehr');
    await pupil.reads('Deine Verbindung');
    await look(pupil, 'more');
    await pupil.press('Kamera und Mikrofon und Ton');
    await look(pupil, 'devices');
    await pupil.page.keyboard.press('Escape');
    await teacher.press('Sicherheit');
    await teacher.reads('Sofort Ruhe');
    await look(teacher, 'safety');
    await teacher.press('Weggehen');
    await teacher.reads('Nur ich gehe');
    await look(teacher, 'leaving');
    await teacher.page.keyboard.press('Escape');

    const eye = await stage.raw(room, '', { teacher: true });
    eye.say({ type: 'set_policy', change: { door: 'knock' } });
    await eye.until((one) => one.room.policy.door === 'knock');
    const outside = await stage.person(kind, 'Otto');
    outside.language = EASY;
    await outside.visit(`/${room.name}`);
    await outside.fill('Dein Name', 'Otto');
    await outside.press('Mitmachen');
    await outside.reads('Deine Lehrkraft weiß');
    await look(outside, 'lobby');
    eye.say({ type: 'refuse', target: 'all' });
    await outside.reads('Du darfst gerade nicht hinein');
    await look(outside, 'refused');
    const [anna] = eye.named('Anna');
    eye.say({ type: 'ask', participant: anna.id, source: 'camera' });
    await pupil.reads('Schalte deine Kamera ein');
    await look(pupil, 'asked');
    await pupil.press('Jetzt nicht');
    eye.say({ type: 'remove', target: { these: [anna.id] } });
    await pupil.reads('Du musstest gehen');
    await look(pupil, 'removed');
    eye.say({ type: 'end_for_all' });
    await teacher.reads('Der Unterricht ist zu Ende');
    await look(teacher, 'over');
  });

  test(`Arabic goes from right to left up to the door, and a lesson in easy German does not, in ${kind}`, async () => {
    const look = async (person, state) => {
      await assertSpeaks(person, state, 'ar', ['en', 'de']);
      await accessible(person, state);
    };
    const room = await stage.api.room({ policy: { door: 'knock' } });
    const eye = await stage.raw(room, '', { teacher: true });
    const parent = await stage.person(kind, 'سارة (2)');
    parent.language = 'ar';
    await parent.visit('/');
    await parent.reads('صفّك المرئي');
    await look(parent, 'home');
    await parent.visit('/test');
    await parent.reads('اختبار الاتصال والأجهزة');
    await look(parent, 'self test');
    await parent.visit(`/${room.name}`);
    await parent.awaits('اسمك', 'textbox');
    await look(parent, 'pre-join');

    // What comes first is on the right: the way home before the languages, one's own picture before the form.
    const places = await parent.page.evaluate(() => {
      const right = (selector) => document.querySelector(selector).getBoundingClientRect().right;
      return { home: right('header .home'), tools: right('header .tools'), own: right('section.own'), form: right('form') };
    });
    assert.ok(places.home > places.tools && places.own > places.form, JSON.stringify(places));
    // The name of the room is from left to right inside of it, and the name that is typed takes its own direction.
    const directions = await parent.page.evaluate(() => [
      getComputedStyle(document.querySelector('.room bdi')).direction,
      getComputedStyle(document.querySelector('#name')).direction,
    ]);
    assert.equal(directions[0], 'ltr');
    await parent.fill('اسمك', parent.name);
    assert.equal(await parent.page.evaluate(() => getComputedStyle(document.querySelector('#name')).direction), 'rtl');
    await parent.press('انضمام');
    await parent.reads('المعلّم يعرف أنك هنا');
    await look(parent, 'lobby');
    eye.say({ type: 'admit', target: 'all' });
    await parent.awaits('Weggehen');
    await assertSpeaks(parent, 'conference', EASY, ['en']);
    await parent.press('Weggehen');
    await parent.reads('تم الخروج');
    await look(parent, 'left');
  });

  test(`Turkish, Ukrainian and Russian lead to the door, in ${kind}`, async () => {
    const room = await stage.api.room();
    const parent = await stage.person(kind, 'Anna');
    for (const [language, home, test, name] of [
      ['tr', 'Görüntülü sınıfınız', 'Denemeyi başlat', 'Adınız'],
      ['uk', 'Ваш відеоклас', 'Почати перевірку', 'Ваше ім’я'],
      ['ru', 'Ваш видеокласс', 'Начать проверку', 'Ваше имя'],
    ]) {
      parent.language = language;
      const strange = ['en', 'de'];
      await parent.visit('/');
      await parent.reads(home);
      await assertSpeaks(parent, 'home', language, strange);
      await accessible(parent, `home (${language})`);
      await parent.visit('/test');
      await parent.awaits(test);
      await assertSpeaks(parent, 'self test', language, strange);
      await accessible(parent, `self test (${language})`);
      await parent.visit(`/${room.name}`);
      await parent.awaits(name, 'textbox');
      await assertSpeaks(parent, 'pre-join', language, strange);
      await accessible(parent, `pre-join (${language})`);
      // Pages of teachers are in a whole language, and say so.
      await parent.visit('/sign-in');
      await parent.awaits('Benutzer-Name', 'textbox');
      await assertSpeaks(parent, 'sign in', EASY, ['en']);
    }
  });
}
