import type { Health } from '../servers/tokens';
import { ServerVersions } from './server-versions';

const settled = () => new Promise(resolve => setTimeout(resolve));

function setUp(answers: Record<string, string | null>) {
  const asked: string[] = [];
  const versions = new ServerVersions({
    health: id => {
      asked.push(id);
      return id in answers
        ? Promise.resolve({ version: answers[id] } as Health)
        : Promise.reject(new Error('unknown-server'));
    }
  });
  let changes = 0;
  versions.changed.connect(() => {
    changes++;
  });
  return { versions, asked, answers, changes: () => changes };
}

describe('ServerVersions', () => {
  it('should ask each server once, until they may be others', async () => {
    const { versions, asked, answers, changes } = setUp({ play: '2.3.2' });
    versions.want('play');
    versions.want('play');
    await settled();
    expect(versions.current).toEqual({ play: '2.3.2' });
    expect([asked, changes()]).toEqual([['play'], 1]);
    versions.forget();
    answers.play = '3.1.0';
    versions.want('play');
    await settled();
    expect(versions.current).toEqual({ play: '3.1.0' });
    expect(changes()).toBe(2);
  });

  it('should know nothing of servers that do not say', async () => {
    const { versions, changes } = setUp({ silent: null });
    versions.want('silent');
    versions.want('gone');
    await settled();
    expect(versions.current).toEqual({});
    expect(changes()).toBe(0);
  });
});
