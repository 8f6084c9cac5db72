// A job's images before and after, one beside the other under a divider that moves.
import {get, ofJob, query, whyNot} from './api.js';
import {empty, h, text} from './dom.js';
import {fileName, number} from './format.js';
import {keyed} from './pager.js';

/** Images in the strip at a time. */
const STRIP = 12;
const LARGEST_SIDE = 1024;
const THUMBNAIL_SIDE = 128;

const STATES = {
  pending: 'not translated yet',
  succeeded: 'translated',
  skipped: 'skipped: the output was there before',
  failed: 'failed',
};

/** @param first position of the image to begin with */
export function viewer(id, first) {
  let position = first;
  let strip = {total: 0, offset: 0, images: []};
  let loading = 0;
  let drawn = '';

  const title = h('p', {class: 'caption', role: 'status'});
  const stage = stageOf();
  const thumbnails = h('ol', {class: 'strip', 'aria-label': 'Images of this page'});
  const before = h('button', {type: 'button', onclick: () => show(position - 1)}, 'Previous');
  const after = h('button', {type: 'button', onclick: () => show(position + 1)}, 'Next');
  const there = h(
    'div',
    {class: 'viewer', hidden: true, onkeydown: onKey},
    title,
    stage.element,
    h('div', {class: 'pager'}, before, h('p', {class: 'note keys'}, '← → move the divider, N and P turn the page'), after),
    thumbnails,
  );
  const none = empty('No image has been found yet.');
  const element = h('div', {}, none, there);

  function onKey(event) {
    const by = {n: 1, p: -1}[event.key.toLowerCase()];
    if (by && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      show(position + by);
    }
  }

  async function show(wanted) {
    if (strip.total > 0 && (wanted < 0 || wanted >= strip.total)) {
      return;
    }
    const offset = Math.floor(wanted / STRIP) * STRIP;
    position = wanted;
    if (offset !== strip.offset || strip.images.length === 0) {
      await load(offset);
    }
    draw();
    if (element.isConnected) {
      const here = location.hash.slice(1).split('?')[0];
      history.replaceState(null, '', `#${here}${query({image: position || undefined})}`);
    }
  }

  async function load(offset) {
    const mine = ++loading;
    const found = await get(ofJob(id, `/images${query({offset, limit: STRIP})}`));
    if (mine === loading) {
      strip = found;
    }
  }

  function draw() {
    const image = strip.images.find(each => each.position === position);
    none.hidden = strip.total > 0;
    there.hidden = strip.total === 0;
    if (!image) {
      return;
    }
    before.disabled = position === 0;
    after.disabled = position + 1 >= strip.total;
    const state = `${position} ${image.state}`;
    if (state !== drawn) {
      drawn = state;
      text(title, `${fileName(image.input)}, ${STATES[image.state]} · ${number(position + 1)} of ${number(strip.total)}`);
      stage.show(image);
    }
    keyed(thumbnails, strip.images, each => `${each.position} ${each.state}`, each => h('li', {}, thumbnail(each, show)));
    [...thumbnails.children].forEach((item, i) => {
      item.firstChild.setAttribute('aria-current', String(strip.images[i].position === position));
    });
  }

  return {
    element,
    async show(wanted) {
      await show(wanted);
      there.scrollIntoView({block: 'nearest'});
      stage.focus();
    },
    /** Something became of some images. */
    async update(job) {
      const isKnown = strip.images.length > 0 && strip.images.every(image => image.state !== 'pending');
      if (isKnown && strip.total === job.images?.total) {
        return;
      }
      try {
        await load(Math.floor(position / STRIP) * STRIP);
        if (position >= strip.total && strip.total > 0) {
          await show(0);
        }
        draw();
      } catch (error) {
        text(none.firstChild, error.message);
      }
    },
    close() {
      loading++;
    },
  };
}

function thumbnail(image, show) {
  const name = `${fileName(image.input)}, ${STATES[image.state]}`;
  const picture = h('img', {
    alt: '',
    loading: 'lazy',
    src: `${image.outputUrl ?? image.inputUrl}?maxSide=${THUMBNAIL_SIDE}`,
    onerror: event => event.target.remove(),
  });
  return h(
    'button',
    {
      type: 'button',
      'data-state': image.state,
      'aria-label': name,
      title: name,
      onclick: () => show(image.position),
    },
    picture,
  );
}

/** Two pictures, one over the other, and the native control that says where the upper one begins. */
function stageOf() {
  const input = h('img', {alt: ''});
  const output = h('img', {alt: '', class: 'after'});
  const divider = h('input', {type: 'range', min: '0', max: '100', value: '50', step: '1', 'aria-label': 'Divider'});
  const frame = h(
    'div',
    {class: 'compare'},
    input,
    output,
    h('span', {class: 'line', 'aria-hidden': 'true'}),
    h('span', {class: 'tag left', 'aria-hidden': 'true'}, 'before'),
    h('span', {class: 'tag right', 'aria-hidden': 'true'}, 'after'),
    divider,
  );
  const reason = h('p', {class: 'bad', hidden: true});
  let shown = null;

  function move() {
    frame.style.setProperty('--split', `${divider.value}%`);
    divider.setAttribute('aria-valuetext', `${divider.value} percent before, ${100 - divider.value} percent after`);
  }

  function load(picture, url, what) {
    picture.hidden = true;
    picture.removeAttribute('src');
    if (!url) {
      return;
    }
    const source = `${url}?maxSide=${LARGEST_SIDE}`;
    picture.alt = what;
    picture.onload = () => {
      picture.hidden = false;
      if (picture === input || input.hidden) {
        frame.style.setProperty('--ratio', picture.naturalWidth / picture.naturalHeight);
      }
    };
    picture.onerror = async () => {
      const image = shown;
      const why = await whyNot(source);
      if (image === shown && !image.failure) {
        say(why);
      }
    };
    picture.src = source;
  }

  function say(sentence) {
    reason.hidden = !sentence;
    text(reason, sentence);
  }

  divider.addEventListener('input', move);
  move();
  return {
    element: h('div', {class: 'stage'}, frame, reason),
    focus: () => (divider.hidden ? frame.closest('.viewer').querySelector('[aria-current=true]') : divider)?.focus(),
    show(image) {
      shown = image;
      const name = fileName(image.input);
      load(input, image.inputUrl, `${name} before`);
      load(output, image.outputUrl, `${name} after`);
      frame.classList.toggle('both', Boolean(image.outputUrl));
      divider.hidden = !image.outputUrl;
      say(image.failure?.message ?? '');
    },
  };
}
