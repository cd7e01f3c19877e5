// Looks at pages in headless Chromium as several readers would, and says what there is to see as one JSON value.
//
//   node look.js CHROMIUM FOLDER PAGE.html...
//
// FOLDER takes the browser's profile, a picture of each view, and the printed pages. Nothing may be requested from
// beyond the file itself. Speaks the DevTools protocol over the pipe, so that no port is opened.
'use strict';
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const [program, folder, ...pages] = process.argv.slice(2);
const views = [
  { name: 'wide', width: 1280 },
  { name: 'wide-dark', width: 1280, dark: true },
  { name: 'narrow', width: 360 },
  { name: 'narrow-dark', width: 360, dark: true },
  { name: 'paper', width: 700, media: 'print' },
];

// Runs in the page. What it returns is all that the test knows.
function measure() {
  const seen = (element) => element.getClientRects().length > 0;
  const luminance = (color) => {
    const [r, g, b] = color.match(/[\d.]+/g).slice(0, 3).map((part) => {
      const value = part / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const box = element.closest('svg.box');
    if (box) return getComputedStyle(box.querySelector('rect')).fill;
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (color !== 'rgba(0, 0, 0, 0)') return color;
    }
    return 'rgb(255, 255, 255)';
  };
  let contrast = { ratio: 21, text: '' };
  let texts = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !seen(element) || element.localName === 'title') continue;
    const style = getComputedStyle(element);
    const front = element instanceof SVGElement ? style.fill : style.color;
    const [a, b] = [luminance(front), luminance(behind(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    texts += 1;
    if (ratio < contrast.ratio) contrast = { ratio, text: `${front} on ${behind(element)}: ${node.data.slice(0, 60)}` };
  }
  const clipped = (element) => element.closest('thead') && getComputedStyle(element.closest('thead')).position === 'absolute';
  const overflowing = [...document.body.querySelectorAll('*')].filter((element) => seen(element)
    && !element.closest('svg svg') && !clipped(element)
    && element.getBoundingClientRect().right > document.documentElement.clientWidth + 1);
  const pictures = [...document.querySelectorAll('figure > svg')].filter(seen).map((svg) => ({
    view: svg.viewBox.baseVal.width + ' ' + svg.viewBox.baseVal.height,
    label: svg.getAttribute('aria-label'),
    role: svg.getAttribute('role'),
    outer: rectangle(svg.getBoundingClientRect()),
    lines: svg.querySelectorAll('.tie').length,
    broken: svg.querySelectorAll('.tie.broken').length,
    boxes: [...svg.querySelectorAll(':scope > svg')].map((box) => ({
      ...rectangle(box.querySelector('rect').getBoundingClientRect()),
      title: box.querySelector('title').textContent,
      texts: [...box.querySelectorAll('text')].map((text) => ({
        ...rectangle(text.getBoundingClientRect()), text: text.textContent,
      })),
    })),
  }));
  function rectangle({ left, top, right, bottom }) { return { left, top, right, bottom }; }
  return {
    title: document.title,
    text: document.body.innerText,
    headings: [...document.querySelectorAll('h1,h2,h3')].map((heading) => heading.localName),
    elements: [...new Set([...document.querySelectorAll('*')].map((element) => element.localName))].sort(),
    attributes: [...new Set([...document.querySelectorAll('*')].flatMap((element) => element.getAttributeNames()))].sort(),
    links: [...document.querySelectorAll('[href],[src]')].map((element) => element.getAttribute('href') ?? element.src),
    scroll: document.documentElement.scrollWidth,
    width: document.documentElement.clientWidth,
    overflowing: overflowing.slice(0, 5).map((element) => element.outerHTML.slice(0, 200)),
    contrast, texts, pictures,
    background: getComputedStyle(document.body).backgroundColor,
  };
}

const browser = spawn(program, [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-extensions',
  '--host-resolver-rules=MAP * ~NOTFOUND', '--force-color-profile=srgb',
  `--user-data-dir=${path.join(folder, 'profile')}`, '--remote-debugging-pipe', 'about:blank',
], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], env: { ...process.env, HOME: path.join(folder, 'profile') } });
process.on('exit', () => browser.kill('SIGKILL'));
browser.on('error', (error) => { throw error; });

let last = 0;
const waiting = new Map();
const listeners = new Set();
let received = '';
browser.stdio[4].setEncoding('utf8').on('data', (piece) => {
  received += piece;
  const messages = received.split('\0');
  received = messages.pop();
  for (const message of messages.map((text) => JSON.parse(text))) {
    if (message.id === undefined) { for (const listener of listeners) listener(message); continue; }
    const { resolve, reject } = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error) reject(new Error(JSON.stringify(message.error))); else resolve(message.result);
  }
});
function send(method, params = {}, sessionId = undefined) {
  return new Promise((resolve, reject) => {
    last += 1;
    waiting.set(last, { resolve, reject });
    browser.stdio[3].write(JSON.stringify({ id: last, method, params, sessionId }) + '\0');
  });
}

async function look(page, view) {
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const tab = (method, params) => send(method, params, sessionId);
  const requests = [];
  const said = [];
  let navigating = false;
  let loaded;
  const load = new Promise((resolve) => { loaded = resolve; });
  const listener = (event) => {
    if (event.sessionId !== sessionId) return;
    if (event.method === 'Network.requestWillBeSent') requests.push(event.params.request.url);
    if (event.method === 'Runtime.consoleAPICalled' || event.method === 'Page.javascriptDialogOpening') said.push(event.method);
    if (event.method === 'Log.entryAdded') said.push(event.params.entry.text);
    if (event.method === 'Page.loadEventFired' && navigating) loaded();
  };
  listeners.add(listener);
  for (const domain of ['Page', 'Network', 'Runtime', 'Log']) await tab(`${domain}.enable`);
  await tab('Emulation.setDeviceMetricsOverride',
    { width: view.width, height: 900, deviceScaleFactor: 1, mobile: view.width < 500 });
  await tab('Emulation.setEmulatedMedia', { media: view.media ?? 'screen',
    features: [{ name: 'prefers-color-scheme', value: view.dark ? 'dark' : 'light' }] });
  navigating = true;
  await tab('Page.navigate', { url: pathToFileURL(page).href });
  await load;
  const { result, exceptionDetails } = await tab('Runtime.evaluate',
    { expression: `(${measure})()`, returnByValue: true });
  if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
  const seen = result.value;
  const stem = path.join(folder, `${path.basename(page, '.html')}-${view.name}`);
  if (view.media === 'print') {
    const { data } = await tab('Page.printToPDF', { preferCSSPageSize: false, paperWidth: 8.27, paperHeight: 11.69 });
    fs.writeFileSync(`${stem}.pdf`, data, 'base64');
  } else {
    const { cssContentSize } = await tab('Page.getLayoutMetrics');
    const clip = { x: 0, y: 0, width: view.width, height: Math.min(cssContentSize.height, 9000), scale: 1 };
    const { data } = await tab('Page.captureScreenshot', { clip, captureBeyondViewport: true });
    fs.writeFileSync(`${stem}.png`, data, 'base64');
  }
  listeners.delete(listener);
  await send('Target.closeTarget', { targetId });
  return { page: path.basename(page, '.html'), view: view.name, requests, said, ...seen };
}

(async () => {
  const answers = [];
  for (const page of pages) for (const view of views) answers.push(await look(page, view));
  process.stdout.write(JSON.stringify(answers), () => process.exit(0));
})().catch((error) => { console.error(error); process.exit(1); });
