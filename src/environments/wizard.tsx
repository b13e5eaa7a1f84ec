import { useEffect, useState } from 'react';
import { asProblem } from '../servers/request';
import type { Problem } from '../servers/tokens';
import { useTrans } from '../ui/context';
import type { ImportedPackage, MachineEnvironments } from './api';
import { CreationByHand } from './by-hand';
import { draftOf, toOrder, withImports, type EnvironmentDraft } from './draft';
import { EnvironmentForm } from './form';
import { JobPane } from './job-pane';
import type { TryImport } from './proof';
import type { EnvironmentWish, KernelHolder } from './tokens';
import type { Undertaking } from './undertaking';

/** From the form of a new environment to a notebook that runs in it. */
export function Wizard(props: {
  wish: EnvironmentWish | null;
  on: KernelHolder | null;
  serverVersion: string | null;
  machine: (signal: AbortSignal) => Promise<MachineEnvironments>;
  imports: (signal: AbortSignal) => Promise<ReadonlyArray<ImportedPackage>>;
  /** @throws ApiError for what is refused. */
  begin: (order: ReturnType<typeof toOrder>) => Promise<Undertaking>;
  refreshKernels: () => Promise<void>;
  tryImport: TryImport;
  onClose: () => void;
}): JSX.Element {
  const { wish, on, machine: readMachine, imports, onClose } = props;
  const [draft, setDraft] = useState<EnvironmentDraft>(() => draftOf(wish));
  const [machine, setMachine] = useState<MachineEnvironments | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [undertaking, setUndertaking] = useState<Undertaking | null>(null);
  const [isByHand, setByHand] = useState(false);
  const trans = useTrans();

  useEffect(() => {
    const ending = new AbortController();
    const { signal } = ending;
    // Both are a help only: the form works without.
    void readMachine(signal).then(setMachine, () => undefined);
    void imports(signal).then(
      found => {
        setDraft(before => withImports(before, found));
      },
      () => undefined
    );
    return () => {
      ending.abort();
    };
  }, [imports, readMachine]);

  const submit = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      setUndertaking(await props.begin(toOrder(draft)));
    } catch (reason) {
      setProblem(asProblem(reason));
    } finally {
      setBusy(false);
    }
  };

  if (isByHand) {
    return (
      <CreationByHand
        draft={draft}
        machine={machine}
        reason={null}
        closeLabel={trans.__('Back')}
        onClose={() => {
          setByHand(false);
        }}
      />
    );
  }
  return undertaking ? (
    <JobPane
      undertaking={undertaking}
      on={on}
      refreshKernels={props.refreshKernels}
      tryImport={props.tryImport}
      onClose={onClose}
      onBack={() => {
        setUndertaking(null);
      }}
    />
  ) : (
    <EnvironmentForm
      draft={draft}
      machine={machine}
      serverVersion={props.serverVersion}
      problem={problem}
      isBusy={isBusy}
      onCommands={() => {
        setByHand(true);
      }}
      onDraft={change => {
        setProblem(null);
        setDraft(change);
      }}
      onSubmit={() => void submit()}
      onCancel={onClose}
    />
  );
}
