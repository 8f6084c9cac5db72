// The REST API: answers, problems, and streams of events that come back by themselves.

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 15_000;

/** What the API said instead of an answer (RFC 9457). */
export class Problem extends Error {
  constructor(status, problem) {
    super(problem.detail ?? `HTTP ${status}`);
    this.status = status;
    this.code = problem.code ?? '';
    this.errors = problem.errors ?? [];
  }
}

export function get(path, signal) {
  // The browser keeps answers and asks with their entity tags.
  return ask(path, {cache: 'no-cache', signal});
}

export function post(path, body) {
  const request = {method: 'POST'};
  if (body !== undefined) {
    request.body = JSON.stringify(body);
    request.headers = {'Content-Type': 'application/json'};
  }
  return ask(path, request);
}

export function del(path) {
  return ask(path, {method: 'DELETE'});
}

/** Exchanges a key or token for a cookie. */
export function signIn(key) {
  return ask('/session', {method: 'POST', headers: {Authorization: `Bearer ${key}`}});
}

async function ask(path, request) {
  let answer;
  try {
    answer = await fetch(`/api/v1${path}`, request);
  } catch (error) {
    if (error.name === 'AbortError') {
      throw error;
    }
    throw new Problem(0, {detail: 'The coordinator cannot be reached', code: 'UNREACHABLE'});
  }
  if (answer.ok) {
    return answer.status === 204 ? null : answer.json();
  }
  throw new Problem(answer.status, await problem(answer));
}

async function problem(answer) {
  const isProblem = answer.headers.get('Content-Type')?.includes('json');
  return isProblem ? answer.json() : {detail: `The coordinator answered ${answer.status}`};
}

/** Why an image is not shown. */
export async function whyNot(url) {
  const answer = await fetch(url);
  return answer.ok ? 'The browser cannot show it' : (await problem(answer)).detail;
}

/** The path of a job or of something of it. */
export const ofJob = (id, rest = '') => `/jobs/${encodeURIComponent(id)}${rest}`;

/** A query from what is set. */
export function query(parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}

/**
 * Listens to a stream of events for as long as the page is looked at: a browser has few connections to one
 * server, and pages in the background would hold them all.
 *
 * @param listeners by the name of the event
 * @param again called when the stream is there again, for something may have been missed
 * @returns {{close: function()}}
 */
export function follow(path, listeners, again = () => {}) {
  let source = null;
  let timer = 0;
  let wait = FIRST_WAIT;
  let interrupted = false;
  let closed = false;

  function open() {
    clearTimeout(timer);
    if (closed || source || document.hidden) {
      return;
    }
    source = new EventSource(`/api/v1${path}`);
    source.onopen = () => {
      wait = FIRST_WAIT;
      connection('');
      if (interrupted) {
        interrupted = false;
        again();
      }
    };
    source.onerror = () => {
      drop();
      connection('Reconnecting…');
      timer = setTimeout(open, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
      // A stream does not say why it ended; whoever must sign in again is shown the form.
      get('/session').catch(error => !closed && error.status === 401 && dispatchEvent(new Event('hashchange')));
    };
    for (const [name, take] of Object.entries(listeners)) {
      source.addEventListener(name, event => closed || take(JSON.parse(event.data)));
    }
  }

  function drop() {
    interrupted = true;
    source?.close();
    source = null;
  }

  function look() {
    if (document.hidden) {
      clearTimeout(timer);
      drop();
    } else {
      open();
    }
  }

  document.addEventListener('visibilitychange', look);
  open();
  return {
    close() {
      closed = true;
      clearTimeout(timer);
      source?.close();
      document.removeEventListener('visibilitychange', look);
      connection('');
    },
  };
}

function connection(sentence) {
  const status = document.getElementById('connection');
  if (status.textContent !== sentence) {
    status.textContent = sentence;
  }
}
