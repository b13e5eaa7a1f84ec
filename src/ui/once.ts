/**
 * Makes something when it is first wanted, and keeps it; after a failure the next call tries again.
 *
 * For what is imported late: JupyterLab starts without it, and no two callers make it twice.
 */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make().catch((reason: unknown) => {
      made = null;
      throw reason;
    });
    return made;
  };
}
