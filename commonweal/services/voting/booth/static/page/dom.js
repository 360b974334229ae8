// Elements made by hand: no text is ever read as markup.
const SVG = 'http://www.w3.org/2000/svg'
const create = (tag) =>
  ['svg', 'path'].includes(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag)
const absent = (value) => value === null || value === undefined || value === false

/** An element; `on…` attributes are listeners, null and false are left out, true is written without a value. */
export function h(tag, attributes = {}, ...children) {
  const element = create(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value)
    else if (!absent(value)) element.setAttribute(name, value === true ? '' : value)
  }
  element.append(...children.flat(Infinity).filter((child) => !absent(child)))
  return element
}
