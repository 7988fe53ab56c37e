import { describe, expect, it } from 'vitest';
import { Announcer, QUIET } from './announcer';

/** An announcer on a clock of its own. */
function setUp() {
  let now = 0;
  const said: { at: number; text: string }[] = [];
  const plans: { at: number; run: () => void }[] = [];
  const announcer = new Announcer({
    phrase: (batch) => `${batch.kind}: ${batch.names.join(', ')}.`,
    say: (text) => said.push({ at: now, text }),
    now: () => now,
    later: (run, after) => plans.push({ at: now + after, run }),
  });
  const advance = (to: number) => {
    for (;;) {
      plans.sort((a, b) => a.at - b.at);
      const next = plans[0];
      if (!next || next.at > to) break;
      plans.shift();
      now = next.at;
      next.run();
    }
    now = to;
  };
  return { announcer, said, advance };
}

describe('announcements', () => {
  it('announces events of one kind together and soon', () => {
    const { announcer, said, advance } = setUp();
    announcer.add('joined', 'Anna');
    announcer.add('joined', 'Ben');
    announcer.add('hand', 'Cem');
    advance(1_000);
    expect(said).toEqual([{ at: 300, text: 'joined: Anna, Ben. hand: Cem.' }]);
  });

  it('speaks at most once in three seconds and loses nobody', () => {
    const { announcer, said, advance } = setUp();
    for (let i = 0; i < 70; i += 1) {
      announcer.add('joined', `Kind ${i}`);
      advance((i + 1) * 130);
    }
    advance(30_000);
    for (let i = 1; i < said.length; i += 1) {
      expect((said[i]?.at ?? 0) - (said[i - 1]?.at ?? 0)).toBeGreaterThanOrEqual(QUIET);
    }
    const all = said.map((entry) => entry.text).join(' ');
    for (let i = 0; i < 70; i += 1) expect(all).toContain(`Kind ${i}`);
  });

  it('is silent when nothing happens', () => {
    const { said, advance } = setUp();
    advance(60_000);
    expect(said).toEqual([]);
  });
});
