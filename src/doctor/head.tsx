import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import { useId, useState } from 'react';
import { useTrans } from '../ui/context';
import { useSignalValue } from '../ui/signals';
import type { ActiveDoctor } from './active';
import { DoctorBlock } from './block';
import type { DoctorServices } from './context';
import type { DoctorView } from './model';

/** How MLflow is in the kernel of the notebook or console in use: one line while all is well, the findings otherwise. */
export function DoctorHead(props: {
  active: ActiveDoctor;
}): JSX.Element | null {
  const { active } = props;
  const services = useSignalValue(active.changed, () => active.current);
  return services === null ? null : <KernelHead services={services} />;
}

function KernelHead(props: { services: DoctorServices }): JSX.Element | null {
  const { services } = props;
  const { doctor } = services;
  const trans = useTrans();
  const id = useId();
  const view = useSignalValue(doctor.changed, () => doctor.view);
  const { mark } = view;
  // What somebody opened or closed stays so until there is something else to say.
  const about = `${view.environment.path} ${mark.state}`;
  const [choice, setChoice] = useState({ about: '', isOpen: false });
  if (mark.state === 'none') {
    return null;
  }
  const isOpen =
    choice.about === about ? choice.isOpen : mark.state === 'attention';
  const Caret = isOpen ? caretDownIcon : caretRightIcon;
  return (
    <div
      className="jp-mlflow-Doctor-head"
      data-mlflow-kernel={view.environment.kernelId ?? ''}
      data-state={mark.state}
    >
      <button
        type="button"
        className="jp-mlflow-Doctor-headline"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => {
          setChoice({ about, isOpen: !isOpen });
        }}
      >
        <Caret.react
          tag="span"
          elementPosition="center"
          aria-hidden="true"
          className="jp-mlflow-Doctor-caret"
        />
        <span className="jp-mlflow-Doctor-marktext">{mark.text}</span>
        <span className="jp-mlflow-Doctor-kernel">
          {kernelText(view, services)}
        </span>
        <span className="jp-mlflow-hidden">{trans.__('Details')}</span>
      </button>
      <div id={id} hidden={!isOpen}>
        {isOpen ? <DoctorBlock services={services} /> : null}
      </div>
    </div>
  );
}

/** The kernel's name, and before it the console's, which is not the notebook whose runs are below. */
function kernelText(
  { environment }: DoctorView,
  { notebook, context }: DoctorServices
): string {
  const { report } = environment;
  return [
    notebook() === null ? context.name : null,
    report?.kernelspec?.display_name ?? report?.name ?? null
  ]
    .filter(Boolean)
    .map(part => ` · ${part}`)
    .join('');
}
