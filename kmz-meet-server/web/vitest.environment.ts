/** Node with the code as it is built for browsers: effects run, as they do there. */
export default {
  name: 'browser-code',
  viteEnvironment: 'client',
  setup: () => ({ teardown: () => undefined }),
};
