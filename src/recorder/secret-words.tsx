import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { asProblem } from '../servers/request';
import type { Problem } from '../servers/tokens';
import { Button } from '../ui/buttons';
import { useTrans } from '../ui/context';
import { TextField } from '../ui/fields';
import { useRecorder } from './context';

const KEY = ['recorder', 'secret-words'];

/** The person's own words that are masked in everything that is sent. */
export function SecretWords(): JSX.Element {
  const { api } = useRecorder();
  const trans = useTrans();
  const client = useQueryClient();
  const [word, setWord] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const { data: words, error } = useQuery({
    queryKey: KEY,
    retry: false,
    queryFn: ({ signal }) => api.secretWords(signal)
  });
  const set = async (next: ReadonlyArray<string>): Promise<boolean> => {
    setProblem(null);
    try {
      client.setQueryData(KEY, await api.setSecretWords(next));
      return true;
    } catch (reason) {
      setProblem(asProblem(reason));
      return false;
    }
  };
  const add = async (): Promise<void> => {
    const wanted = word.trim();
    if (
      words !== undefined &&
      wanted !== '' &&
      (words.includes(wanted) || (await set([...words, wanted])))
    ) {
      setWord('');
    }
  };
  return (
    <section className="jp-mlflow-Recording">
      <h2>{trans.__('Secret words')}</h2>
      <form
        className="jp-mlflow-Form"
        onSubmit={event => {
          event.preventDefault();
          void add();
        }}
      >
        <TextField
          label={trans.__('Masked in everything that is sent')}
          help={trans.__(
            'Beside passwords, tokens and keys, which are masked anyway. Three characters or more; * stands for any characters, ? for one, # for a digit.'
          )}
          error={problem ?? (error ? asProblem(error) : null)}
          value={word}
          onText={setWord}
        />
        <Button submit disabled={words === undefined || word.trim() === ''}>
          {trans.__('Add')}
        </Button>
      </form>
      <ul aria-label={trans.__('Secret words')}>
        {words?.map(each => (
          <li key={each} className="jp-mlflow-Recording-rule">
            <code>{each}</code>
            <Button
              aria-label={trans.__('Remove the word: %1', each)}
              onClick={() => void set(words.filter(other => other !== each))}
            >
              {trans.__('Remove')}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
