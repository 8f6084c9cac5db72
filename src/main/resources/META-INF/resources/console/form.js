// A form from a JSON Schema: its fields, their defaults and what they mean are the schema's own.
import {fill, h, text} from './dom.js';

/** Words for a property's name: loadSize becomes "Load size". */
function words(name) {
  const spaced = name.replace(/([a-z])([A-Z0-9])/g, '$1 $2').toLowerCase();
  return spaced === 'uri' ? 'URI' : spaced.replace(/^./, letter => letter.toUpperCase());
}

/** An object that is there or not, and has a default for everything: absence means something else. */
const isOptional = schema => schema.type === 'object' && schema.description?.startsWith('left out');

/**
 * @param schema of an object
 * @param values what the fields begin with where it is not their default
 * @param lists names to choose from, by the path of the field
 * @returns {{element, value: function(): object, show: function(errors): Element[], wrong: function(): object[]}}
 */
export function schemaForm(schema, values, lists) {
  const fields = new Map();
  const root = branch(schema, '$', values, fields, lists);
  const required = leaves(root).filter(field => field.isRequired);
  const groups = root.children.map(child => group(child)).filter(Boolean);
  return {
    element: h('div', {class: 'fields'}, h('div', {class: 'required'}, required.map(field => field.element)), groups),
    value: () => root.value(),
    /** What no JSON can say. */
    wrong: () => leaves(root).filter(field => field.control.validity.badInput)
      .map(field => ({path: field.path, message: 'is no number'})),
    /** Marks the fields with what is wrong with them; gives the control of each error, or undefined. */
    show(errors) {
      fields.forEach(field => field.complain(''));
      return errors.map(({path, message}) => {
        const field = fields.get(path.replace(/\[.*$/, ''));
        field?.complain(plainly(message));
        return field?.control;
      });
    },
  };
}

/** What the schema's checker says, for people. */
export function plainly(message) {
  if (message.startsWith('required property')) {
    return 'is missing';
  }
  if (message.includes('regex pattern ^s3:')) {
    return 'must be a URI that begins with s3://';
  }
  return message.includes('regex pattern ^[A-Za-z0-9]')
    ? 'must be 1 to 128 letters, digits, dots, underscores or dashes, the first one no dash'
    : message;
}

function leaves(node) {
  return node.children ? node.children.flatMap(leaves) : [node];
}

function branch(schema, path, values, fields, lists) {
  const children = Object.entries(schema.properties).map(([name, property]) => {
    const below = `${path}.${name}`;
    const isRequired = Boolean(schema.required?.includes(name));
    return property.type === 'object'
      ? {...branch(property, below, values?.[name], fields, lists), name, isRequired}
      : leaf(name, property, below, isRequired && isAsked(path), values?.[name], fields, lists);
  });
  const isOn = isOptional(schema)
    ? h('input', {type: 'checkbox', checked: Boolean(values), id: `field-${path}`})
    : null;
  return {
    path,
    children,
    schema,
    isOn,
    value() {
      const object = {};
      for (const child of children) {
        const value = child.value();
        if (value !== undefined || (child.children && child.isRequired)) {
          object[child.name] = value ?? {};
        }
      }
      const isGiven = isOn ? isOn.checked : path === '$' || Object.keys(object).length > 0;
      return isGiven ? object : undefined;
    },
  };
}

/** Validation is no must, though its URI is one in it. */
const isAsked = path => !path.startsWith('$.validation');

function group(node) {
  const inner = node.children ?? [node];
  const shown = inner.filter(child => child.children || !child.isRequired);
  if (!node.children) {
    return node.isRequired ? null : node.element;
  }
  if (shown.length === 0) {
    return null;
  }
  const body = h('div', {class: 'grid'}, shown.map(child => (child.children ? group(child) : child.element)));
  const legend = h('legend', {}, words(node.name));
  if (node.isOn) {
    body.hidden = !node.isOn.checked;
    node.isOn.addEventListener('change', () => { body.hidden = !node.isOn.checked; });
    fill(legend, h('label', {}, node.isOn, ` ${words(node.name)}`));
  }
  return h('fieldset', {'data-path': node.path}, legend, body);
}

function leaf(name, schema, path, isRequired, value, fields, lists) {
  const id = `field-${path}`;
  const names = lists[path];
  const control = controlOf(schema, id, path, value ?? schema.default, Boolean(names));
  const hint = h('span', {class: 'hint', id: `${id}-hint`});
  const error = h('span', {class: 'bad', id: `${id}-error`, hidden: true});
  const parent = path.split('.').at(-2);
  const label = isRequired && parent !== '$' ? `${words(parent)} ${words(name)}` : words(name);
  control.setAttribute('aria-describedby', `${id}-hint ${id}-error`);
  if (isRequired) {
    control.setAttribute('aria-required', 'true');
  }
  const isCheck = control.type === 'checkbox';
  const title = h('label', {for: id}, label);
  const field = {
    name,
    path,
    control,
    isRequired,
    element: h(
      'div',
      {class: isCheck ? 'field check' : 'field'},
      isCheck ? [control, title] : [title, control],
      names && h('datalist', {id: `${id}-names`}, names.map(each => h('option', {value: each}))),
      hint,
      error,
    ),
    value() {
      const read = readControl(control, schema);
      return read === schema.default ? undefined : read;
    },
    complain(message) {
      error.hidden = !message;
      text(error, message);
      control.toggleAttribute('aria-invalid', Boolean(message));
      if (message) {
        control.setAttribute('aria-invalid', 'true');
      }
    },
  };
  // Until it is sent again nobody knows whether it is right now.
  control.addEventListener('input', () => field.complain(''));
  const explain = () => {
    const isChanged = schema.default !== undefined && field.value() !== undefined;
    field.element.classList.toggle('changed', isChanged);
    text(hint, [schema.description, isChanged ? `default: ${schema.default}` : ''].filter(Boolean).join('; '));
  };
  control.addEventListener('input', explain);
  explain();
  fields.set(path, field);
  return field;
}

function controlOf(schema, id, path, value, hasNames) {
  const common = {id, name: path.slice(2), autocomplete: 'off'};
  if (schema.enum) {
    const choices = schema.default === undefined ? ['', ...schema.enum] : schema.enum;
    return h(
      'select',
      common,
      choices.map(choice => h('option', {value: choice, selected: choice === (value ?? '')}, choice || '(default)')),
    );
  }
  if (schema.type === 'boolean') {
    return h('input', {id, name: common.name, type: 'checkbox', checked: value === true});
  }
  if (schema.type === 'array') {
    return h('textarea', {...common, rows: 2, placeholder: 'one a line'}, (value ?? []).join('\n'));
  }
  const isNumber = schema.type === 'integer' || schema.type === 'number';
  const input = h('input', {
    ...common,
    type: isNumber ? 'number' : 'text',
    step: isNumber ? 'any' : null,
    placeholder: schema.pattern?.startsWith('^s3') ? 's3://' : null,
    spellcheck: 'false',
    list: hasNames ? `${id}-names` : null,
  });
  input.value = value ?? '';
  return input;
}

/** Undefined for nothing. */
function readControl(control, schema) {
  if (schema.type === 'boolean') {
    return control.checked;
  }
  const given = control.value.trim();
  if (given === '') {
    return undefined;
  }
  if (schema.type === 'array') {
    return given.split('\n').map(line => line.trim()).filter(Boolean);
  }
  return schema.type === 'integer' || schema.type === 'number' ? Number(given) : given;
}
