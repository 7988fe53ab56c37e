// What the bridge's pages do by themselves. Each page says in its body's data attributes what is wanted.
(() => {
  const wanted = document.body.dataset;

  // A form that only carries something on.
  const form = document.querySelector('form[data-send]');
  if (form) form.submit();

  // The registration is done: the platform closes its window, after there was time to read what is next. Whoever does
  // anything on the page has that time anew.
  const platform = window.opener || (window.parent === window ? null : window.parent);
  if (wanted.close && platform) {
    const close = () => platform.postMessage({ subject: wanted.close }, '*');
    const done = document.getElementById('done');
    done.hidden = false;
    done.addEventListener('click', close);
    const later = () => setTimeout(close, 1000 * Number(wanted.after));
    let alone = later();
    for (const sign of ['pointermove', 'pointerdown', 'keydown', 'wheel', 'focusin']) {
      addEventListener(sign, () => {
        clearTimeout(alone);
        alone = later();
      });
    }
  }

  // In a frame: does this browser give the cookie back that came with this page?
  if (wanted.check) {
    const onward = () => location.replace(wanted.onward);
    const own = () => {
      document.getElementById('waiting').hidden = true;
      document.getElementById('window').hidden = false;
    };
    fetch(wanted.check, { credentials: 'same-origin', cache: 'no-store' })
      .then((answer) => answer.json())
      .then(({ cookie }) => {
        if (cookie) onward();
        else if (wanted.storage) keep().then(onward, own);
        else own();
      }, own);
  }

  // After the launch: what was kept in the platform's storage proves that this is the same browser.
  if (wanted.ask) {
    ask({ subject: 'lti.get_data', key: wanted.key }).then(
      (answer) => {
        const proof = document.querySelector('form[data-proof]');
        proof.elements.browser.value = typeof answer.value === 'string' ? answer.value : '';
        proof.submit();
      },
      () => {
        document.getElementById('waiting').hidden = true;
        document.getElementById('failed').hidden = false;
      },
    );
  }

  function keep() {
    return ask({ subject: 'lti.put_data', key: wanted.key, value: wanted.value });
  }

  // LTI Client Side postMessages 1.0: a message to the frame that stores, and its answer with the same id.
  function ask(message) {
    return new Promise((resolve, reject) => {
      const id = crypto.randomUUID();
      const parent = window.parent;
      const target = wanted.storage === '_parent' || !wanted.storage ? parent : parent.frames[wanted.storage];
      if (!target) return reject(new Error('no storage'));
      const late = setTimeout(() => reject(new Error('no answer')), 3000);
      addEventListener('message', (event) => {
        if (event.origin !== wanted.platform || event.data?.message_id !== id) return;
        if (event.data.subject !== `${message.subject}.response`) return;
        clearTimeout(late);
        if (event.data.error) reject(new Error('refused'));
        else resolve(event.data);
      });
      target.postMessage({ ...message, message_id: id }, wanted.platform);
    });
  }

  const button = document.getElementById('open');
  if (button) {
    button.addEventListener('click', () => {
      window.open(button.dataset.url, '_blank');
    });
  }
})();
