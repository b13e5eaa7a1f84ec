import { ellipsesIcon, MenuSvg } from '@jupyterlab/ui-components';
import { CommandRegistry } from '@lumino/commands';
import { useEffect, useRef, useState } from 'react';
import { Button, IconButton } from '../ui/buttons';
import { useTrans } from '../ui/context';
import type { Offer } from './rows';
import { offerLabel } from './words';

/** What is worth a button of its own in a row; the rest is in its menu. */
const PROMINENT: ReadonlySet<Offer['kind']> = new Set([
  'create',
  'install',
  'register',
  'switch',
  'repair'
] as const);

/** The best offer of a row as a button, the others in a menu. @param props.of - the row's name, for screen readers. */
export function Offers(props: {
  of: string;
  offers: ReadonlyArray<Offer>;
  onTake: (offer: Offer) => void;
}): JSX.Element {
  const { of, offers, onTake } = props;
  const trans = useTrans();
  const first =
    offers.find(
      offer =>
        PROMINENT.has(offer.kind) ||
        (offer.kind === 'commands' && offer.isInstead)
    ) ?? null;
  const others = offers.filter(each => each !== first);
  const label = first === null ? '' : offerLabel(first, trans);
  return (
    <div className="jp-mlflow-Environments-offers">
      {first === null ? null : (
        <Button
          aria-label={trans.__('%1 (%2)', label, of)}
          data-mlflow-offer={first.kind}
          onClick={() => {
            onTake(first);
          }}
        >
          {label}
        </Button>
      )}
      {others.length === 0 ? null : (
        <OfferMenu of={of} offers={others} onTake={onTake} />
      )}
    </div>
  );
}

function OfferMenu(props: {
  of: string;
  offers: ReadonlyArray<Offer>;
  onTake: (offer: Offer) => void;
}): JSX.Element {
  const { of, offers, onTake } = props;
  const trans = useTrans();
  const menu = useRef<MenuSvg | null>(null);
  const [isOpen, setOpen] = useState(false);
  useEffect(
    () => () => {
      menu.current?.dispose();
      menu.current = null;
    },
    []
  );

  const open = (node: HTMLElement): void => {
    menu.current?.dispose();
    // A registry of its own: what stands in one row's menu is nobody else's command.
    const commands = new CommandRegistry();
    const next = (menu.current = new MenuSvg({ commands }));
    for (const offer of offers) {
      const command = `mlflow:offer-${offer.kind}`;
      if (!commands.hasCommand(command)) {
        commands.addCommand(command, {
          label: offerLabel(offer, trans),
          describedBy: { args: { type: 'object', properties: {} } },
          execute: () => {
            onTake(offer);
          }
        });
      }
      if (offer.kind.startsWith('remove-')) {
        next.addItem({ type: 'separator' });
      }
      next.addItem({ command });
    }
    next.aboutToClose.connect(() => {
      setOpen(false);
      node.focus();
    });
    const { left, bottom } = node.getBoundingClientRect();
    next.open(left, bottom);
    setOpen(true);
  };

  return (
    <IconButton
      icon={ellipsesIcon}
      label={trans.__('More for %1', of)}
      aria-haspopup="menu"
      aria-expanded={isOpen}
      onClick={event => {
        open(event.currentTarget);
      }}
      onKeyDown={event => {
        if (event.key === 'ArrowDown') {
          event.preventDefault();
          open(event.currentTarget);
        }
      }}
    />
  );
}
