import { useEffect, useReducer, useState } from 'react';
import { Button } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { type DoctorServices, remedyContext } from './context';
import { offersOf } from './offers';
import type { Finding, Remedy } from './tokens';

/** What helps, as buttons; where something cannot be done here, why, and the commands to type instead. */
export function RemedyButtons(props: {
  services: DoctorServices;
  finding: Finding | null;
  remedies: ReadonlyArray<Remedy>;
  /** The first is the one thing to do. */
  isFirstBest?: boolean;
  /** So many are shown at first, and the others on a click. */
  most?: number;
}): JSX.Element | null {
  const { services, finding, remedies, isFirstBest, most = Infinity } = props;
  const does = services.remedies;
  const trans = useTrans();
  const [isWhole, setWhole] = useState(false);
  const [, drawAgain] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    let isThere = true;
    if (does?.isReady === false) {
      void does.ready().then(() => {
        if (isThere) {
          drawAgain();
        }
      });
    }
    return () => {
      isThere = false;
    };
  }, [does]);
  if (does === null || remedies.length === 0) {
    return null;
  }
  const { buttons, why } = offersOf(remedies, does);
  // A button that shows one more takes the room of that one.
  const canFold = buttons.length > most + 1;
  return (
    <div className="jp-mlflow-Doctor-remedies">
      {(canFold && !isWhole ? buttons.slice(0, most) : buttons).map(
        ([label, remedy], at) => (
          <Button
            key={label}
            look={isFirstBest && at === 0 ? 'accept' : undefined}
            data-mlflow-remedy={remedy.kind}
            onClick={() =>
              void does.run(remedy, remedyContext(services, finding))
            }
          >
            {label}
          </Button>
        )
      )}
      {canFold && (
        <Button
          aria-expanded={isWhole}
          onClick={() => {
            setWhole(!isWhole);
          }}
        >
          {isWhole ? trans.__('Fewer') : trans.__('More…')}
        </Button>
      )}
      {why.map(text => (
        <p key={text} className="jp-mlflow-Doctor-note">
          {text}
        </p>
      ))}
    </div>
  );
}
