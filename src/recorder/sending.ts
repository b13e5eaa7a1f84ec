import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { useVisible } from '../ui/context';
import type { Sending } from './answers';
import { useRecorder } from './context';

/** Where the query cache has what of a notebook has not been sent. */
export function sendingKey(path: string): ReadonlyArray<string> {
  return ['recorder', 'sending', path];
}

/** What of a notebook has not been sent yet, and what MLflow has refused. */
export function useSending(path: string): UseQueryResult<Sending> {
  const { api } = useRecorder();
  const visible = useVisible();
  return useQuery({
    queryKey: sendingKey(path),
    enabled: visible,
    retry: false,
    queryFn: ({ signal }) => api.sending(path, signal)
  });
}
