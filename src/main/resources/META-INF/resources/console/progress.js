// A bar of progress.
import {h} from './dom.js';
import {isOver} from './format.js';

/** A bar that says how far a job is; it only moves to and fro while the total is not known. */
export function bar(label) {
  const element = h('progress', {'aria-label': label, max: 1, value: 0});
  return {
    element,
    update(job) {
      const {done, total} = job.progress;
      element.dataset.state = job.state;
      if (total > 0) {
        element.value = done / total;
      } else if (isOver(job)) {
        element.value = job.state === 'SUCCEEDED' ? 1 : 0;
      } else {
        element.removeAttribute('value');
      }
    },
  };
}
