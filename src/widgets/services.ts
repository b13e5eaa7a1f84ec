import type { ITrackingServers } from '../servers/tokens';
import type { IViews } from '../ui/views';
import type { RunSettings } from '../runs';
import type { HistoryReader } from './histories';

/** Where a widget stands, for what a person does with it. */
export interface WidgetPlace {
  /** Trusts the notebook that holds the node, after the person agreed; null where there is no notebook. */
  trust(node: Element): (() => Promise<void>) | null;
  /** Inserts code below the cell that holds the node, else below the active cell of the notebook that was used last. */
  insert(node: Element, code: string): Promise<void>;
  /** Whether there is a notebook to insert code into. */
  canInsert(): boolean;
}

/** What widgets work with; made once by the wiring. */
export interface WidgetServices {
  readonly servers: ITrackingServers;
  readonly views: IViews;
  readonly place: WidgetPlace;
  readonly settings: RunSettings;
  readonly histories: HistoryReader;
  /** Whether a kernel of this Jupyter runs with this id: then its runs are its people's own. */
  readonly isOwnKernel: (kernelId: string) => boolean;
}
