import { AWAY_AFTER_MS, Presence } from './presence';

describe('Presence', () => {
  let visibility: DocumentVisibilityState;
  let presence: Presence;
  let told: boolean[];

  beforeEach(() => {
    jest.useFakeTimers();
    visibility = 'visible';
    jest
      .spyOn(document, 'visibilityState', 'get')
      .mockImplementation(() => visibility);
    presence = new Presence();
    told = [];
    presence.changed.connect((_, present) => {
      told.push(present);
    });
  });

  afterEach(() => {
    presence.dispose();
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  function show(next: DocumentVisibilityState): void {
    visibility = next;
    document.dispatchEvent(new Event('visibilitychange'));
  }

  it('should be there at the beginning', () => {
    expect(presence.isPresent).toBe(true);
  });

  it('should be away five minutes after the last key or mouse, and tell it once', () => {
    jest.advanceTimersByTime(AWAY_AFTER_MS - 1000);
    document.dispatchEvent(new Event('keydown'));
    jest.advanceTimersByTime(AWAY_AFTER_MS - 1000);
    expect(presence.isPresent).toBe(true);
    jest.advanceTimersByTime(1000);
    expect(presence.isPresent).toBe(false);
    jest.advanceTimersByTime(10 * AWAY_AFTER_MS);
    expect(told).toEqual([false]);
  });

  it.each(['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'])(
    'should come back with %s',
    name => {
      jest.advanceTimersByTime(AWAY_AFTER_MS);
      document.dispatchEvent(new Event(name));
      expect(presence.isPresent).toBe(true);
      expect(told).toEqual([false, true]);
      jest.advanceTimersByTime(AWAY_AFTER_MS);
      expect(presence.isPresent).toBe(false);
    }
  );

  it('should be away in a hidden tab, and back when it is shown, however long that took', () => {
    show('hidden');
    expect(presence.isPresent).toBe(false);
    jest.advanceTimersByTime(3 * AWAY_AFTER_MS);
    show('visible');
    expect(presence.isPresent).toBe(true);
    expect(told).toEqual([false, true]);
  });

  it('should leave nothing behind', () => {
    presence.dispose();
    expect(jest.getTimerCount()).toBe(0);
    show('hidden');
    expect(told).toEqual([]);
  });
});
