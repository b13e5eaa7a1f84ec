import { useQueries, useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { MlflowError, type Run } from '../mlflow';
import { quoteValue } from '../mlflow/filter';
import { isRunning, runPageKeys, shareRun } from '../runs';
import { clientOf } from '../servers';
import { useVisible } from '../ui/context';
import type { ModelSnapshot, Signature } from './content';
import { modelFile } from './model-file';
import type { WidgetServices } from './services';
import { signatureOf } from './signature';

/** A run that has ended changes seldom: milliseconds that an answer about it is good for. */
const ENDED_MS = 60_000;
/** Milliseconds between two looks at a server that did not answer, at least. */
export const RECOVERY_MS = 5000;
/** Milliseconds between two looks at the registry, at least. */
export const REGISTRY_MS = 30_000;
const MOST_MODELS = 100;
const MOST_ARTIFACTS = 50;
const MOST_VERSIONS = 100;

/** The tag by which the shim says which kernel made a run. */
export const KERNEL_TAG = 'jupyter.kernel_id';

/** One of the runs of an output. */
export interface FollowedRun {
  readonly id: string;
  readonly run: Run | undefined;
  readonly error: Error | null;
}

/** Runs by id, in the order of the ids: followed while they run, under the keys of the page of a run, so that all views of one are one request. */
export function useRuns(
  services: WidgetServices,
  serverId: string,
  runIds: ReadonlyArray<string>
): ReadonlyArray<FollowedRun> {
  const { servers } = services;
  const visible = useVisible();
  const took = useRef(new Map<string, number>());
  const results = useQueries({
    queries: runIds.map(runId => ({
      queryKey: runPageKeys.run({ serverId, runId }),
      enabled: visible,
      staleTime: (query: { state: { data?: Run } }) =>
        query.state.data && !isRunning(query.state.data.info) ? ENDED_MS : 1000,
      structuralSharing: shareRun,
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        const start = performance.now();
        try {
          return await clientOf(servers, serverId).runs.get(runId, signal);
        } finally {
          took.current.set(runId, performance.now() - start);
        }
      },
      refetchInterval: (query: {
        state: { data?: Run; error: Error | null };
      }) => {
        const { data: run, error } = query.state;
        const runs = run !== undefined && isRunning(run.info);
        const failed = error !== null && !isGone(error);
        const pace =
          visible && (runs || failed)
            ? servers.pollInterval(
                serverId,
                took.current.get(runId) ?? 0,
                services.isOwnKernel(run?.tags.get(KERNEL_TAG) ?? '')
              )
            : false;
        return failed && pace !== false ? Math.max(pace, RECOVERY_MS) : pace;
      }
    }))
  });
  return results.map(({ data, error }, at) => ({
    id: runIds[at],
    run: data,
    error
  }));
}

/** Whether a failure says that the thing is not there any more. */
export function isGone(error: Error | null): boolean {
  return error instanceof MlflowError && error.kind === 'not-found';
}

/** What lies at the top of a run's artifacts, asked again when the run has ended; null where its store does not tell. */
export function useArtifacts(
  services: WidgetServices,
  serverId: string,
  run: Run | undefined
): {
  files: ReadonlyArray<readonly [string, number | null]> | null;
  /** Whether there was an answer. */
  isSettled: boolean;
} {
  const { servers } = services;
  const visible = useVisible();
  const { data, isPending } = useQuery({
    queryKey: [
      serverId,
      'artifacts',
      run?.info.id,
      'output',
      run && isRunning(run.info)
    ],
    enabled: visible && run !== undefined,
    staleTime: ENDED_MS,
    queryFn: async ({ signal }) => {
      const files = await clientOf(servers, serverId).artifacts.list(
        run?.info.id ?? '',
        '',
        signal
      );
      return files
        .slice(0, MOST_ARTIFACTS)
        .map(({ path, isDirectory, size }): [string, number | null] => [
          path,
          isDirectory ? null : Number(size ?? 0)
        ]);
    }
  });
  return { files: data ?? null, isSettled: !isPending };
}

/** The versions of a registered model, or all models. */
export function useModels(
  services: WidgetServices,
  serverId: string,
  name: string | null
): { data: ModelSnapshot | undefined; error: Error | null } {
  const { servers } = services;
  const visible = useVisible();
  const took = useRef(0);
  const { data, error } = useQuery<ModelSnapshot>({
    queryKey: [serverId, 'models', 'output', name],
    enabled: visible,
    staleTime: REGISTRY_MS,
    queryFn: async ({ signal }) => {
      const start = performance.now();
      const { models, versions } = clientOf(servers, serverId).registry;
      try {
        if (name === null) {
          const { items } = await models.search(
            { maxResults: MOST_MODELS },
            signal
          );
          return {
            description: '',
            signature: null,
            versions: null,
            models: items.map(model => ({
              name: model.name,
              version: String(
                Math.max(
                  0,
                  ...model.latestVersions.map(each => Number(each.version) || 0)
                ) || ''
              ),
              aliases: [...model.aliases]
                .map(([alias, version]) => `${alias} → ${version}`)
                .join(', '),
              description: model.description
            }))
          };
        }
        const [model, { items }] = await Promise.all([
          models.get(name, signal),
          versions.search(
            {
              filter: `name = ${quoteValue(name)}`,
              maxResults: MOST_VERSIONS
            },
            signal
          )
        ]);
        const aliases = (version: string): string =>
          [...model.aliases]
            .filter(([, of]) => of === version)
            .map(([alias]) => alias)
            .join(', ');
        return {
          description: model.description,
          signature: null,
          models: null,
          versions: [...items]
            .sort((one, other) => Number(other.version) - Number(one.version))
            .map(each => ({
              version: each.version,
              aliases: aliases(each.version),
              status: each.status,
              runId: each.runId ?? '',
              made: each.creationTime,
              stage: each.stage === 'None' ? '' : each.stage
            }))
        };
      } finally {
        took.current = performance.now() - start;
      }
    },
    refetchInterval: () => {
      const pace = servers.pollInterval(serverId, took.current);
      return visible && pace !== false ? Math.max(pace, REGISTRY_MS) : false;
    }
  });
  return { data, error };
}

/**
 * The signature of a version, in a file of it; null where it has none, or the store of its files does not tell.
 *
 * @param version - null where nothing is to be asked: what was saved tells it.
 */
export function useSignature(
  services: WidgetServices,
  serverId: string,
  name: string | null,
  version: string | null
): { signature: Signature | null; isSettled: boolean } {
  const visible = useVisible();
  const isWanted = name !== null && version !== null;
  const { data, isPending } = useQuery<Signature | null>({
    queryKey: [serverId, 'models', 'signature', name, version],
    enabled: visible && isWanted,
    // Versions do not change.
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      const client = clientOf(services.servers, serverId);
      return signatureOf(
        await modelFile(client, name ?? '', version ?? '', signal)
      );
    }
  });
  return { signature: data ?? null, isSettled: !isWanted || !isPending };
}
