// A mail server that is not ours (`smtp-server` of Nodemailer): who hands over a mail must turn on TLS first and sign in.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

import { until } from './process.mjs';

const ACCOUNT = { user: 'kmz@medienzentrum.example', password: 'Brücke & Kiesel: 7/8' };

/** An authority of its own, and a certificate for localhost by it. */
function certificates(dir) {
  const openssl = (...args) => execFileSync('openssl', args, { cwd: dir, stdio: 'ignore' });
  const fresh = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  openssl(...fresh, '-subj', '/CN=Authority of the county', '-keyout', 'authority.key', '-out', 'authority.pem');
  const by = ['-CA', 'authority.pem', '-CAkey', 'authority.key'];
  const about = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-addext', 'basicConstraints=critical,CA:FALSE'];
  openssl(...fresh, ...by, ...about, '-keyout', 'mail.key', '-out', 'mail.pem');
  return { key: readFileSync(join(dir, 'mail.key')), cert: readFileSync(join(dir, 'mail.pem')) };
}

export class Mailbox {
  /** Every mail that was taken: to whom, what is in it, and how it came. */
  mails = [];
  /** What was refused: somebody tried it without TLS or without signing in. */
  refused = [];

  static async start() {
    const box = new Mailbox();
    box.dir = mkdtempSync(join(tmpdir(), 'kmz-meet-mailbox-'));
    box.smtp = new SMTPServer({
      ...certificates(box.dir),
      name: 'mail.medienzentrum.example',
      // STARTTLS is offered, signing in is taken behind it alone, and mail of those alone who signed in.
      authOptional: false,
      allowInsecureAuth: false,
      minVersion: 'TLSv1.2',
      onAuth: ({ username, password }, session, done) => {
        const right = username === ACCOUNT.user && password === ACCOUNT.password;
        if (!right) box.refused.push(`signing in as ${username}`);
        done(right ? null : new Error('user or password is wrong'), right ? { user: username } : undefined);
      },
      onMailFrom: (address, session, done) => {
        const right = session.secure && session.user === ACCOUNT.user;
        if (!right) box.refused.push(`a mail of ${address.address}`);
        done(right ? null : new Error('TLS and signing in first'));
      },
      onData: (stream, session, done) => {
        simpleParser(stream).then((mail) => {
          const { secure, user, envelope } = session;
          const to = envelope.rcptTo.map((one) => one.address);
          box.mails.push({ to, secure, user, tls: session.tlsOptions?.version, subject: mail.subject, text: mail.text, html: mail.html });
          done();
        }, done);
      },
    });
    box.smtp.on('error', () => {});
    await new Promise((resolve) => box.smtp.listen(0, 'localhost', resolve));
    return box;
  }

  /** What the operator of our server sets. */
  get env() {
    const { port } = this.smtp.server.address();
    const account = `${encodeURIComponent(ACCOUNT.user)}:${encodeURIComponent(ACCOUNT.password)}`;
    return {
      KMZ_MEET_MAIL_URL: `smtp://${account}@localhost:${port}`,
      KMZ_MEET_MAIL_FROM: `Kreismedienzentrum <${ACCOUNT.user}>`,
      KMZ_MEET_MAIL_AUTHORITIES: join(this.dir, 'authority.pem'),
    };
  }

  /** The mail to this address whose text fits, come or still to come. */
  mailTo(address, fits = /./, ms = 30_000) {
    return until(
      `a mail to ${address} with ${fits}; there are ${JSON.stringify(this.mails.map(({ to, subject }) => [to, subject]))}`,
      () => this.mails.find((mail) => mail.to.includes(address) && fits.test(mail.text)),
      ms,
    );
  }

  async close() {
    await new Promise((resolve) => this.smtp.close(resolve));
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** The link of a mail, the same in plain text and in HTML. */
export function linkIn(mail) {
  const [link] = /https?:\/\/\S+#\S+/.exec(mail.text) ?? [];
  if (!link) throw new Error(`no link with a token in: ${mail.text}`);
  if (!mail.html.includes(link)) throw new Error(`another link in HTML: ${mail.html}`);
  return link;
}
