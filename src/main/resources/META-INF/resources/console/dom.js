// Builds elements. Text is only ever text: nothing here, nor anywhere else in the console, parses markup.

/** An element; properties that begin with "on" are listeners, null and false ones are left out. */
export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) {
      continue;
    }
    if (name.startsWith('on')) {
      element.addEventListener(name.slice(2), value);
    } else if (typeof value !== 'string' && name in element) {
      element[name] = value;
    } else {
      element.setAttribute(name, value === true ? '' : value);
    }
  }
  element.append(...present(children));
  return element;
}

function present(children) {
  return children.flat().filter(child => child !== null && child !== undefined && child !== false);
}

/** Sets what has changed only, so that a screen reader and a selection are left in peace. */
export function text(element, value) {
  if (element.textContent !== value) {
    element.textContent = value;
  }
}

export function fill(element, ...children) {
  element.replaceChildren(...present(children));
  return element;
}

/** Says something to those who do not see it. */
export function announce(sentence) {
  document.getElementById('announcements').textContent = sentence;
}

/** A command with a button that copies it. */
export function command(line, label = 'Copy') {
  const code = h('code', {}, line);
  const button = h('button', {type: 'button', class: 'quiet', 'aria-label': `Copy: ${line.split('\n')[0]}`}, label);
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = 'Copied';
      announce('Copied');
    } catch {
      // Browsers let a page write the clipboard only on this machine or over TLS.
      getSelection().selectAllChildren(code);
      button.textContent = 'Selected';
      announce('Selected: copy it with your keyboard');
    }
    setTimeout(() => { button.textContent = label; }, 2000);
  });
  return h('div', {class: 'command'}, h('pre', {tabindex: '0'}, code), button);
}

/** What there is to see when there is nothing. */
export function empty(sentence, ...more) {
  return h('div', {class: 'empty'}, h('p', {}, sentence), more);
}

/** A section with its heading. */
export function section(title, ...children) {
  const id = `section-${title.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`;
  return h('section', {'aria-labelledby': id}, h('h2', {id}, title), children);
}

/** A wide table that moves within itself; whoever uses the keyboard can move it too. */
export function scrolling(name, table) {
  return h('div', {class: 'scrolling', role: 'region', 'aria-label': name, tabindex: '0'}, table);
}

/** Runs a function at once and then at most once in so many milliseconds, the last call included. */
export function throttled(milliseconds, run) {
  let last = 0;
  let timer = 0;
  const call = () => {
    timer = 0;
    last = Date.now();
    run();
  };
  const throttle = () => {
    timer ||= setTimeout(call, Math.max(0, last + milliseconds - Date.now()));
  };
  throttle.cancel = () => clearTimeout(timer);
  return throttle;
}
