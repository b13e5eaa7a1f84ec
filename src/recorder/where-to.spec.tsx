import { fireEvent, screen } from '@testing-library/react';
import {
  FakeServers,
  FakeTransport,
  renderView,
  SERVER
} from '../ui/testing/harness';
import type { Recording } from './answers';
import type { Rule } from './api';
import { NotebookRule } from './notebook-rule';
import type { Proposal } from './proposal';
import { ProposalBox } from './proposal-box';
import { aRecording } from './testing/fake-recorder';

const TARGET = { server_id: SERVER.id, experiment: 'a (cells)' };

function servers(): FakeServers {
  return new FakeServers(new FakeTransport(() => ({ json: {} })));
}

function showRule(of: Partial<Recording>) {
  const chosen: { scope: string; rule: Rule }[] = [];
  renderView(
    <NotebookRule
      recording={aRecording({ keep: false, rule: 'none', ...of })}
      isBusy={false}
      onChoose={(scope, rule) => {
        chosen.push({ scope, rule });
      }}
    />,
    servers()
  );
  return chosen;
}

function showProposal(proposal: Proposal, of: Partial<Recording> = {}) {
  const agreed: Rule[] = [];
  renderView(
    <ProposalBox
      proposal={proposal}
      recording={aRecording({ proposed_target: TARGET, ...of })}
      isBusy={false}
      onDecide={rule => {
        agreed.push(rule);
      }}
    />,
    servers()
  );
  return agreed;
}

function isAsked(): boolean {
  return screen.queryByLabelText('Experiment') !== null;
}

function button(name: string): HTMLElement {
  return screen.getByRole('button', { name });
}

describe('NotebookRule', () => {
  it('should not ask where to while nothing is sent', () => {
    const chosen = showRule({ proposed_target: TARGET });
    fireEvent.click(screen.getByLabelText('Yes, for 30 days'));
    expect(isAsked()).toBe(false);
    fireEvent.click(button('Apply'));
    expect(chosen).toEqual([
      { scope: 'notebook', rule: { keep: true, send: 'nothing', target: null } }
    ]);
  });

  it('should propose the panel’s server and an experiment of its own once something is sent', () => {
    const chosen = showRule({ proposed_target: TARGET });
    fireEvent.click(screen.getByLabelText('Every cell'));
    expect(screen.getByLabelText('Experiment')).toHaveProperty(
      'value',
      'a (cells)'
    );
    fireEvent.click(button('Apply'));
    expect(chosen[0].rule.target).toEqual(TARGET);
  });

  it('should wait for an answer where no server is known', () => {
    const chosen = showRule({ proposed_target: null });
    fireEvent.click(screen.getByLabelText('Every cell'));
    expect(button('Apply')).toHaveProperty('disabled', true);
    fireEvent.change(screen.getByLabelText('Tracking server'), {
      target: { value: SERVER.id }
    });
    expect(button('Apply')).toHaveProperty('disabled', true);
    fireEvent.change(screen.getByLabelText('Experiment'), {
      target: { value: 'mine' }
    });
    fireEvent.click(button('Apply'));
    expect(chosen[0].rule.target).toEqual({
      server_id: SERVER.id,
      experiment: 'mine'
    });
  });

  it.each([
    ['folder', 'all notebooks in “work”'],
    ['personal', 'all my notebooks']
  ])(
    'should ask for one experiment for each notebook in a rule for a %s',
    (scope, name) => {
      const chosen = showRule({ proposed_target: TARGET });
      fireEvent.click(screen.getByLabelText('Every cell'));
      expect(screen.getByRole('option', { name })).toBeTruthy();
      fireEvent.change(screen.getByLabelText('For'), {
        target: { value: scope }
      });
      expect(screen.getByLabelText('Experiment')).toHaveProperty(
        'value',
        '{notebook} (cells)'
      );
      fireEvent.click(button('Apply'));
      expect(chosen).toEqual([
        {
          scope,
          rule: {
            keep: false,
            send: 'all',
            target: { ...TARGET, experiment: '{notebook} (cells)' }
          }
        }
      ]);
    }
  );

  it('should begin with what is chosen already', () => {
    const target = { server_id: SERVER.id, experiment: 'chosen' };
    showRule({
      send: 'all',
      target,
      rule: 'notebook',
      proposed_target: TARGET
    });
    expect(screen.getByLabelText('Experiment')).toHaveProperty(
      'value',
      'chosen'
    );
  });
});

describe('ProposalBox', () => {
  it('should not ask where to for what is only kept', () => {
    const agreed = showProposal({ keep: true, send: 'nothing' });
    expect(isAsked()).toBe(false);
    fireEvent.click(button('Do so'));
    expect(agreed).toEqual([{ keep: true, send: 'nothing', target: null }]);
  });

  it('should show where a colleague’s proposal would send to, to be changed', () => {
    const agreed = showProposal({ keep: false, send: 'all' });
    const name = screen.getByLabelText('Experiment');
    expect(name).toHaveProperty('value', 'a (cells)');
    fireEvent.change(name, { target: { value: 'elsewhere' } });
    fireEvent.click(button('Do so'));
    expect(agreed).toEqual([
      {
        keep: false,
        send: 'all',
        target: { ...TARGET, experiment: 'elsewhere' }
      }
    ]);
  });

  it('should be declined by deciding for what holds already', () => {
    const agreed = showProposal({ keep: true, send: 'all' }, { keep: false });
    fireEvent.click(button('Leave it as it is'));
    expect(agreed).toEqual([{ keep: false, send: 'nothing', target: null }]);
  });

  it('should not follow it before it is known where to', () => {
    showProposal({ keep: false, send: 'all' }, { proposed_target: null });
    expect(button('Do so')).toHaveProperty('disabled', true);
  });
});
