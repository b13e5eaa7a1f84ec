import { MlflowClient, type ITransport } from '../mlflow';
import type { ITrackingServers } from './tokens';

/** One client for each transport: what it learnt about its server is asked once. */
const clients = new WeakMap<ITransport, MlflowClient>();

/**
 * The client of a server; the same object for the same id.
 *
 * Apart from the model of servers, so that JupyterLab starts without the room of MLflow's API.
 */
export function clientOf(
  servers: ITrackingServers,
  serverId: string
): MlflowClient {
  const transport = servers.transport(serverId);
  let client = clients.get(transport);
  if (!client) {
    client = new MlflowClient(transport);
    clients.set(transport, client);
  }
  return client;
}
