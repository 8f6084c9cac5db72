// Curves, drawn by uPlot; what they show is also said in words.
import uPlot from '/webjars/uplot/1.6.30/dist/uPlot.esm.js';
import {fill, h, text} from './dom.js';
import {duration, figure} from './format.js';

const HEIGHT = 170;
const dark = matchMedia('(prefers-color-scheme: dark)');

/**
 * A chart of one or more curves.
 *
 * @param series [{label, color}], color being the name of a custom property of the style sheet
 * @param x {label, isTime, format}: what runs along
 */
export function chart(title, series, x) {
  const key = series.map(({label, color}) => {
    const swatch = h('span', {class: 'swatch', 'aria-hidden': 'true'});
    swatch.style.setProperty('--swatch', `var(${color})`);
    const value = h('span', {class: 'value'});
    return {value, element: h('span', {class: 'key'}, swatch, series.length > 1 ? `${label} ` : '', value)};
  });
  const plot = h('div', {class: 'plot', role: 'img'});
  const element = h('figure', {class: 'chart'}, h('figcaption', {}, h('b', {}, title), key.map(each => each.element)), plot);
  let data = null;
  let drawing = null;

  function draw() {
    drawing?.destroy();
    drawing = null;
    fill(plot);
    if (data && plot.clientWidth > 0) {
      drawing = new uPlot(options(plot, series, x, showValues), data, plot);
    }
  }

  /** Those under the cursor, or the last ones. */
  function showValues(index) {
    key.forEach(({value}, i) => {
      const values = data[i + 1];
      const at = index ?? values.findLastIndex(each => each !== null);
      text(value, figure(values[at]));
    });
  }

  const resized = new ResizeObserver(() => {
    if (drawing && plot.clientWidth > 0) {
      drawing.setSize({width: plot.clientWidth, height: HEIGHT});
    } else {
      draw();
    }
  });
  resized.observe(plot);
  dark.addEventListener('change', draw);
  return {
    element,
    /** @param columns [xs, ys of the first series, ...]; null where there is no value */
    set(columns) {
      data = columns;
      plot.setAttribute('aria-label', inWords(title, series, data, x));
      if (drawing) {
        drawing.setData(data);
      } else {
        draw();
      }
      showValues();
    },
    close() {
      resized.disconnect();
      dark.removeEventListener('change', draw);
      drawing?.destroy();
    },
  };
}

function options(plot, series, x, showValues) {
  const style = getComputedStyle(plot);
  const color = name => style.getPropertyValue(name).trim();
  const axis = {
    stroke: color('--soft'),
    font: `11px ${style.fontFamily}`,
    grid: {stroke: color('--line'), width: 1},
    ticks: {show: false},
  };
  return {
    width: plot.clientWidth,
    height: HEIGHT,
    legend: {show: false},
    cursor: {drag: {x: false, y: false}, points: {size: 6}},
    scales: {x: {time: x.isTime}},
    axes: [
      {...axis, size: 28, space: 60, ...(x.isTime ? {} : {incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000]})},
      {...axis, size: 52, space: 32, values: (u, ticks) => ticks.map(figure)},
    ],
    series: [
      {},
      ...series.map(each => ({
        label: each.label,
        stroke: color(each.color),
        width: 1.75,
        spanGaps: true,
        points: {show: (u, index) => u.data[index].filter(value => value !== null).length < 30, size: 4},
      })),
    ],
    hooks: {setCursor: [u => showValues(u.cursor.idx)]},
  };
}

function inWords(title, series, [xs, ...columns], x) {
  const sentences = columns.map((values, i) => {
    const known = values.map((value, at) => [value, xs[at]]).filter(([value]) => value !== null);
    if (known.length === 0) {
      return `${series[i].label}: nothing yet`;
    }
    const numbers = known.map(([value]) => value);
    const [first, last] = [known[0], known.at(-1)];
    return (
      `${series[i].label}: ${figure(first[0])} at ${x.label} ${x.format(first[1])}, ` +
      `${figure(last[0])} at ${x.label} ${x.format(last[1])}, ` +
      `between ${figure(Math.min(...numbers))} and ${figure(Math.max(...numbers))}`
    );
  });
  return `${title}. ${sentences.join('. ')}.`;
}

/** How fast a job was over time, from how much was done by when. */
export function rateChart(title) {
  const began = {at: 0};
  const curve = chart(title, [{label: title, color: '--curve-1'}], {
    label: 'time',
    isTime: true,
    format: at => duration(at - began.at),
  });
  const note = h('p', {class: 'note'});
  let points = [];

  function draw() {
    const xs = [];
    const rates = [];
    for (let i = 1; i < points.length; i++) {
      const seconds = points[i].at - points[i - 1].at;
      if (seconds > 0) {
        xs.push(points[i].at);
        rates.push(Math.max(0, (points[i].done - points[i - 1].done) / seconds));
      }
    }
    began.at = points[0]?.at ?? 0;
    const isShown = xs.length > 1;
    curve.element.hidden = !isShown;
    text(note, isShown ? '' : 'Nothing to draw: this coordinator has not seen the job move.');
    note.hidden = isShown;
    if (isShown) {
      curve.set([xs, rates]);
    }
  }

  return {
    element: h('div', {}, curve.element, note),
    async load(get) {
      try {
        points = (await get()).points.map(({at, done}) => ({at: new Date(at) / 1000, done}));
        draw();
      } catch (error) {
        text(note, error.message);
      }
    },
    add(at, done) {
      const seconds = new Date(at) / 1000;
      if (points.length === 0 || seconds - points.at(-1).at >= 1) {
        points.push({at: seconds, done});
        draw();
      }
    },
    close: curve.close,
  };
}
