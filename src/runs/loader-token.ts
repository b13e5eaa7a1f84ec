/**
 * MLflow's page tokens of runs are base64 of `{"offset": N}`, on 2.3.2 and 3.x, and not bound to filter or order. Writing one's own
 * lets a listing that moved under us be read on from any row.
 */
export function offsetToken(offset: number): string | undefined {
  return offset === 0 ? undefined : btoa(JSON.stringify({ offset }));
}

/** Whether a server's token is of that form; others are used as they are. */
export function isOffsetToken(token: string): boolean {
  try {
    const json: unknown = JSON.parse(atob(token));
    return (
      typeof json === 'object' &&
      json !== null &&
      'offset' in json &&
      Number.isInteger(json.offset)
    );
  } catch {
    return false;
  }
}
