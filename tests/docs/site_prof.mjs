// Opens the site in Chromium, as a reader would, and says what is wrong with it.
//
//   node tests/docs/site.mjs SITE SOURCE [PAGE.html ...]     SITE: build/release/docs/html, SOURCE: the repository; these
//                                                            pages alone
//
// Exit code 0: all is well; 1: something is not, one line each; 77: cannot look here, and why (ctest calls that skipped).
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { axe, launch, skip } from './browser.mjs';
import { check_widgets } from './widgets.mjs';

const site = resolve(process.argv[2]);
const source = resolve(process.argv[3]);
if (!existsSync(join(site, 'index.html'))) skip(`no site in ${site}; build the target docs first`);

const faults = []; const spent = {}; async function timed(name, f) { const b = performance.now(); try { return await f(); } finally { spent[name] = (spent[name] ?? 0) + performance.now() - b; } }
function fault(page, message) { faults.push(`${page}: ${message}`); }
function expect(condition, page, message) { if (!condition) fault(page, message); }

// ------------------------------------------------------------------------------------------------ the site as files
const pages = readdirSync(site).filter((name) => name.endsWith('.html') && !/^(search|graph_legend)/.test(name)).sort();
const html = Object.fromEntries(pages.map((name) => [name, readFileSync(join(site, name), 'utf8')]));
function rows_of(list) {
  return readFileSync(join(source, list), 'utf8').split('\n').filter((line) => line.trim() && !line.startsWith('#'))
    .map((line) => line.split('|')[0].trim());
}
const chapters = rows_of('chapters/chapters.txt').map((folder) => `chapters/${folder}/README.md`);
const texts = rows_of('docs/site/pages.txt').flatMap((path) => (path === 'chapters' ? chapters : [path]))
  .filter((path) => path === 'docs/exercises.md' || existsSync(join(source, path)));  // that one is made, and has no file
function page_of(path) {
  if (path === 'README.md') return 'index.html';
  return path.replace(/\/README\.md$/, '').replace(/\.md$/, '').replace(/^chapters\//, 'chapter_').replace(/^docs\//, '')
    .replace(/[^A-Za-z0-9]/g, '_') + '.html';
}
const reading_order = texts.map(page_of);

function check_files() {
  for (const page of reading_order) expect(html[page], page, 'is listed in docs/site/pages.txt but was not built');
  const anchors = {};
  for (const page of pages) {
    anchors[page] = new Set([...html[page].matchAll(/\s(?:id|name)="([^"]+)"/g)].map((match) => match[1]));
    const loaded = [...html[page].matchAll(/<(?:script|link|img|iframe|object|source)\b[^>]*\s(?:src|href|data)="([^"]*)"/g)];
    for (const [, address] of loaded) {
      if (/^(data|javascript):/.test(address)) continue;
      if (/^([a-z]+:)?\/\//.test(address)) fault(page, `loads ${address} from outside`);
      else expect(existsSync(join(site, decodeURI(address.replace(/[?#].*/, '')))), page, `loads ${address}, which does not exist`);
    }
  }
  for (const page of pages) {
    for (const [, raw] of html[page].matchAll(/<a\b[^>]*\shref="([^"]*)"/g)) {
      const address = raw.replace(/&amp;/g, '&');
      if (/^(https?:|mailto:|javascript:)/.test(address)) continue;
      const [file, anchor] = address.split('#');
      const target = decodeURI(file || page);
      if (!existsSync(join(site, target))) { fault(page, `links to ${address}, which does not exist`); continue; }
      if (anchor?.startsWith('stop=')) continue; // a place in the walk: tests/docs/test_texts.py knows them
      if (anchor && anchors[target]) expect(anchors[target].has(decodeURIComponent(anchor)), page, `links to ${address}, which has no such place`);
    }
  }
  for (const name of readdirSync(site).filter((file) => file.endsWith('.css'))) {
    for (const [, address] of readFileSync(join(site, name), 'utf8').matchAll(/url\(["']?([^"')]+)/g))
      if (/^([a-z]+:)?\/\//.test(address)) fault(name, `loads ${address} from outside`);
  }
}

// -------------------------------------------------------------------------------------------- the site in the browser
const patience = 600000; // milliseconds: on a busy machine all takes longer
const sizes = [{ width: 1280, height: 900 }, { width: 390, height: 844 }];

// A tab opens many pages one after the other: a new one each time would cost more than what is looked at.
const page_in = new Map();

async function new_tab(context) {
  const tab = await context.newPage();
  tab.on('console', (message) => {
    if (/GPU stall due to ReadPixels/.test(message.text())) return; // what Chromium says of any WebGL when there is no GPU
    if (['error', 'warning'].includes(message.type())) fault(page_in.get(tab), `console: ${message.text()}`);
  });
  tab.on('pageerror', (error) => fault(page_in.get(tab), `script error: ${error.message}`));
  tab.on('requestfailed', (request) => {
    // The search box gives up a list when the next letter asks for another one.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') fault(page_in.get(tab), `request failed: ${request.url()}`);
  });
  tab.on('request', (request) => { if (!/^(file|data|blob|about):/.test(request.url())) fault(page_in.get(tab), `asks ${request.url()}`); });
  return tab;
}

async function go(tab, page) {
  page_in.set(tab, page);
  await tab.goto(pathToFileURL(join(site, page)).href);
  await tab.waitForFunction(() => !window.MathJax || document.documentElement.dataset.math === 'drawn', null)
    .catch(() => fault(page, 'MathJax does not come to an end'));
}

async function open(context, page) {
  const tab = await new_tab(context);
  await go(tab, page);
  return tab;
}

async function check_formulas(tab, page) {
  const found = await tab.evaluate(() => {
    const scripts = [...document.querySelectorAll('script[type^="math/tex"]')];
    const undrawn = scripts.filter((script) => {
      const drawing = document.querySelector(`#${script.id}-Frame svg`);
      return !drawing || drawing.getBoundingClientRect().width < 1;
    });
    // A formula that MathJax cannot read becomes an <merror> in the MathML beside its drawing.
    const bad = [...document.querySelectorAll('[data-mathml*="<merror"], .MathJax_Error, .noError')];
    const main = document.querySelector('.contents');
    const raw = main ? (main.innerText.match(/\\[([]|\\f[$[\]]/g) || []).length : 0;
    return { undrawn: undrawn.map((s) => s.textContent), bad: bad.map((e) => e.dataset.mathml?.replace(/<[^>]*>/g, ' ') ?? e.textContent), raw };
  });
  for (const tex of found.undrawn) fault(page, `formula not drawn: ${tex}`);
  for (const tex of found.bad) fault(page, `MathJax cannot read: ${tex}`);
  const written = (html[page].match(/\\\(|\\\[/g) || []).length;
  if (found.raw > 0 && written > 0) fault(page, `${found.raw} formulas are left as TeX`);
}

// On a desk no quoted line is cut off (quotes.py holds them to 82 columns). The fixture's are wider on purpose.
async function check_code(tab, page) {
  const cut = await tab.evaluate(() => [...document.querySelectorAll('.quote-origin + .code-box > .fragment, .beside .fragment')]
    .filter((box) => box.scrollWidth > box.clientWidth + 1).map((box) => `${box.scrollWidth} px of code in a box of ${box.clientWidth}: ${box.textContent.slice(0, 60)}`));
  if (!html['classgpt_1_1Part.html']) for (const box of cut) fault(page, box);
}

// On a phone nothing is too small to be read, no code is cut, no name broken; what is wider scrolls in its own box.
async function check_phone(tab, page) {
  const faults_of = await tab.evaluate(() => {
    const found = [];
    for (const svg of document.querySelectorAll('.contents svg')) {
      const box = svg.getBoundingClientRect(), scale = box.width / svg.viewBox.baseVal.width, what = svg.getAttribute('aria-label') ?? svg.getAttribute('class');
      if (!box.width || !svg.viewBox.baseVal.width) continue;
      const small = [...svg.querySelectorAll('text')].find((text) => parseFloat(getComputedStyle(text).fontSize) * scale < 10.95);
      if (small) found.push(`"${small.textContent}" has ${(parseFloat(getComputedStyle(small).fontSize) * scale).toFixed(1)} px in a picture: ${what}`);
      for (let around = svg.parentElement; around?.closest('.figure-body, .widget-live'); around = around.parentElement)
        if (around.scrollWidth > around.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(around).overflowX)) { found.push(`a picture scrolls sideways: ${what}`); break; }
    }
    for (const code of document.querySelectorAll('.contents :is(td, th) code')) {
      if (code.textContent.length < 24 && code.getClientRects().length > 1) found.push(`broken over lines in a table: ${code.textContent}`);
    }
    for (const cell of document.querySelectorAll('.contents :is(td, th)')) {
      const shape = cell.textContent.match(/\([A-Z](, [\w·]{1,10})+\)/);
      if (shape && !cell.querySelector('code')) found.push(`a shape can break over two lines: ${shape[0]}`);
    }
    for (const box of document.querySelectorAll('.quote-origin + .code-box > .fragment'))
      if (box.scrollWidth > box.clientWidth + 1) found.push(`code is cut: ${box.textContent.slice(0, 60)}`);
    return found;
  });
  for (const what of faults_of) fault(page, `on a phone, ${what}`);
}

// No label is struck through by the pattern of its box.
async function check_labels(tab, page) {
  const struck = await tab.evaluate(() => [...document.querySelectorAll('figure.figure svg')].flatMap((svg) => {
    const shapes = [...svg.querySelectorAll('rect, circle')].map((e) => ({ e, box: e.getBoundingClientRect(), fill: getComputedStyle(e).fill }));
    return [...svg.querySelectorAll('text')].filter((text) => {
      const at = text.getBoundingClientRect(), x = at.x + at.width / 2, y = at.y + at.height / 2;
      const under = shapes.filter(({ e, box, fill }) => fill !== 'none' && e.compareDocumentPosition(text) === Node.DOCUMENT_POSITION_FOLLOWING
        && x > box.left && x < box.right && y > box.top && y < box.bottom).pop();
      return at.width && /pattern/.test(under?.fill) && getComputedStyle(text).stroke === 'none';
    }).map((text) => `"${text.textContent}" stands on a pattern, without a solid ground: ${svg.getAttribute('aria-label')}`);
  }));
  for (const what of struck) fault(page, what);
}

// A term's explanation appears when it is pointed at or reached by keyboard, in sight, and goes again.
async function check_cards(tab, page) {
  const all = await tab.locator('a.term').allTextContents();
  expect(new Set(all).size === all.length, page, 'a term has two cards');
  const terms = tab.locator('a.term');
  const count = await terms.count();
  for (const i of count ? [0, count - 1] : []) {
    await terms.nth(i).focus();
    // The page may have scrolled to the term: the card follows.
    await tab.waitForFunction(() => {
      const card = document.getElementById('term-card').getBoundingClientRect();
      return card.width > 50 && card.left >= 0 && card.right <= innerWidth && card.top >= 0 && card.bottom <= innerHeight;
    }, null, { timeout: 20000 }).catch(() => fault(page, `the card of "${i}" is not in sight`));
    const said = await tab.locator('#term-card').textContent();
    expect(said === await terms.nth(i).getAttribute('data-card') && said.length > 20, page, `the card of "${await terms.nth(i).textContent()}" says "${said}"`);
    await tab.keyboard.press('Escape');
    expect(await tab.locator('#term-card').isHidden(), page, 'Escape does not close a card');
    await terms.nth(i).hover();
    expect(await tab.locator('#term-card').isVisible(), page, 'a card does not show under the pointer');
  }
  await tab.mouse.move(0, 0); // nothing else is to pass under the pointer
}

// Markdown that Doxygen did not understand stays in the text as it was written.
async function check_markdown(tab, page) {
  const left = await tab.evaluate(() => [...document.querySelectorAll('.contents :is(p, li, td, th, figcaption)')].map((block) => {
    const copy = block.cloneNode(true);
    copy.querySelectorAll('code, pre, script, svg, .fragment, .MathJax_SVG').forEach((e) => e.remove());
    return copy.textContent.match(/\*\*.{0,40}|`.{0,40}|\]\(.{0,40}|<\/?(?:a|b|code|em|i|span)\b[^>]*>.{0,40}/)?.[0];
  }).filter(Boolean));
  for (const text of left) fault(page, `Markdown or HTML is left in the text: ${text}`);
}

async function check_width(tab, page, theme, width) {
  const wide = await tab.evaluate(() => {
    const limit = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= limit && (document.getElementById('doc-content')?.scrollWidth ?? 0)
        <= (document.getElementById('doc-content')?.clientWidth ?? 0)) return null;
    const worst = [...document.querySelectorAll('.contents *, .header *, #top *')]
      .filter((e) => e.getBoundingClientRect().right > limit + 1)
      .filter((e) => { for (let p = e.parentElement; p; p = p.parentElement) if (p.id === 'doc-content') break;
        else if (/(auto|scroll|hidden)/.test(getComputedStyle(p).overflowX)) return false; return true; });
    return worst.length ? `${worst[0].tagName}.${worst[0].className}` : 'something';
  });
  if (wide) fault(page, `wider than ${width} px in ${theme}: ${wide}`);
}

// On the pages that Doxygen makes by the dozen, the tree (the same on all) and what repeats line after line are left out:
// axe would spend minutes on them.
const repeated = ['#nav-tree', '.fragment .line:nth-of-type(n+30)', '.memberdecls tr:nth-of-type(n+24)', '.directory tr:nth-of-type(n+12)'];

async function violations_of(tab, rules, exclude) {
  return tab.evaluate(async ([only, without]) => {
    const options = { resultTypes: ['violations'], preload: false, ...(only ? { runOnly: only } : {}) };
    const result = await window.axe.run(without.length ? { include: document, exclude: without } : document, options);
    return result.violations.filter((v) => ['serious', 'critical'].includes(v.impact))
      .map((v) => `${v.id} (${v.impact}): ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 110)).join(' | ')} [${v.nodes.length}], ${v.nodes[0].any[0]?.message ?? ''}`);
  }, [rules, exclude]);
}

// On a busy machine the page may be looked at in the middle of its change of colours: what is wrong stays wrong.
async function check_accessibility(tab, page, theme, { rules = null, exclude = [] } = {}) {
  if ((await violations_of(tab, rules, exclude)).length === 0) return;
  await tab.waitForTimeout(1000);
  for (const violation of await violations_of(tab, rules, exclude)) fault(page, `${theme}: ${violation}`);
}

// Lines that came and lines that went: a sign each, a ground each that nothing else has.
async function check_changes(tab, page, theme) {
  const found = await tab.evaluate(() => [...document.querySelectorAll('.diff')].map((block) => [...block.querySelectorAll('.line')].map((line) => ({
    sign: line.textContent[0], mark: line.querySelector('ins, del')?.tagName ?? '', ground: getComputedStyle(line).backgroundColor,
    filled: line.getBoundingClientRect().width >= block.clientWidth - 1,
  }))));
  for (const lines of found) {
    for (const { sign, mark, filled } of lines) {
      expect(mark === ({ '+': 'INS', '-': 'DEL' }[sign] ?? ''), page, `a line with the sign "${sign}" is marked as ${mark || 'nothing'}`);
      expect(filled, page, 'a changed line is not coloured to its end');
    }
    const grounds = (sign) => new Set(lines.filter((line) => (/[+-]/.test(line.sign) ? line.sign : ' ') === sign).map((line) => line.ground));
    const all = ['+', '-', ' '].flatMap((sign) => [...grounds(sign)]);
    expect(new Set(all).size === all.length, page, `${theme}: what came, went and stayed is not told apart by colour: ${all}`);
  }
}

async function check_print(tab, page) {
  await tab.emulateMedia({ media: 'print' });
  const shown = await tab.evaluate(() => {
    const visible = (e) => e && getComputedStyle(e).display !== 'none';
    return {
      navigation: ['#side-nav', '#top', '#nav-path'].filter((s) => visible(document.querySelector(s))),
      live: [...document.querySelectorAll('.widget-live')].some(visible),
      hidden: [...document.querySelectorAll('.widget-static')].some((e) => !visible(e)),
    };
  });
  expect(shown.navigation.length === 0, page, `print shows ${shown.navigation}`);
  expect(!shown.live && !shown.hidden, page, 'print does not fall back to the still pictures');
  await tab.emulateMedia({ media: 'screen' });
}

// The page hears of its new width in the next frame.
async function resize(tab, size) {
  if (tab.viewportSize().width === size.width) return;
  await tab.setViewportSize(size);
  await tab.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); }));
}

// Doxygen makes pages of a few kinds by the dozen. What can differ from one to the next is looked at in their files, and
// those that hold a formula are all opened, with every fifth of the others, on a phone, where the most is too wide; with
// ALL_PAGES=1 each one is. What the style sheet alone decides is looked at on two of each kind, the shortest and the longest.
function kind_of(page) {
  return page.replace(/^(class|struct|concept|dir_).*/, '$1').replace(/.*(_8[a-z]+(_source)?\.html)$/, '$1');
}
const by_length = [...pages].sort((a, b) => html[a].length - html[b].length);
const first_of = (all) => Object.values(Object.fromEntries([...all].reverse().map((page) => [kind_of(page), page])));
const samples = new Set([...first_of(by_length), ...first_of([...by_length].reverse())]);

const opened = pages.filter((page, i) => process.env.ALL_PAGES || reading_order.includes(page) || samples.has(page) || /\\\(|\\\[/.test(html[page]) || i % 5 === 0);

async function check_page(tab, page) {
  const is_text = reading_order.includes(page);
  const in_full = is_text || samples.has(page);
  await timed('resize', () => resize(tab, in_full ? sizes[0] : sizes[1]));
  await timed('go', () => go(tab, page));
  await tab.evaluate(() => { for (const fold of document.querySelectorAll('details')) fold.open = true; }); // all is looked at
  await timed('check_formulas', () => check_formulas(tab, page));
  if (is_text) await timed('check_markdown', () => check_markdown(tab, page));
  if (is_text) await timed('check_code', () => check_code(tab, page));
  const unready = await tab.evaluate(() => [...document.querySelectorAll('.widget')]
    .filter((w) => w.dataset.state !== 'ready').map((w) => w.dataset.widget));
  for (const name of unready) fault(page, `widget ${name} did not start`);
  if (!in_full) return check_width(tab, page, 'any theme', sizes[1].width);
  await tab.evaluate(axe);
  for (const theme of ['light', 'dark']) {
    await tab.evaluate((name) => {
      if (document.documentElement.className !== `${name}-mode`) document.getElementById('theme-toggle').click();
    }, theme);
    // The last size is the one that the rest is looked at in: a text in the dark on a phone, all else on a desk.
    for (const size of is_text && theme === 'dark' ? sizes : [...sizes].reverse()) {
      await timed('resize', () => resize(tab, size));
      await timed('check_width', () => check_width(tab, page, theme, size.width));
    }
    if (is_text) await timed('check_changes', () => check_changes(tab, page, theme));
    if (is_text && theme === 'dark') await timed('check_phone', () => check_phone(tab, page));
    // Structure is the same in both themes, so only contrast is looked at twice; what a phone has of its own, such as the
    // button of the menu, is the same on all texts.
    const rules = theme === 'light' || page === reading_order[0] ? null : ['color-contrast'];
    await timed('check_accessibility', () => check_accessibility(tab, page, theme, { rules, exclude: is_text ? [] : repeated }));
  }
  await timed('resize', () => resize(tab, sizes[0]));
  if (is_text) {
    await timed('check_labels', () => check_labels(tab, page));
    await timed('check_cards', () => check_cards(tab, page));
    await timed('check_print', () => check_print(tab, page));
    await timed('check_widgets', () => check_widgets(tab, page, { fault, expect, source }));
  }
}

async function check_order(context) {
  const tab = await open(context, 'index.html');
  const tree = await tab.evaluate(() => [...document.querySelectorAll('#nav-tree-contents .label a')].map((a) => a.getAttribute('href')));
  const in_tree = tree.map((href) => href.split('#')[0]).filter((href, i, all) => reading_order.includes(href) && all.indexOf(href) === i);
  expect(in_tree.join() === reading_order.join(), 'index.html', `the tree's order is ${in_tree}, expected ${reading_order}`);
  for (let i = 1; i < reading_order.length; i++) {
    const next = html[reading_order[i]]?.match(/class="next" rel="next" href="([^"]+)"/)?.[1];
    expect(next === reading_order[i + 1], reading_order[i], `its next page is ${next}, expected ${reading_order[i + 1]}`);
    const previous = html[reading_order[i]]?.match(/class="prev" rel="prev" href="([^"]+)"/)?.[1];
    expect(previous === reading_order[i - 1], reading_order[i], `its previous page is ${previous}, expected ${reading_order[i - 1]}`);
  }
  await tab.close();
}

// One word of a text, one name of the reference. Every address in the index must exist.
const search_words = [html['classgpt_1_1Part.html'] ? 'quotation' : 'corpus', html['classgpt_1_1Part.html'] ? 'Part' : 'Tensor'];

function check_index() {
  const script = readFileSync(join(site, 'search-index.js'), 'utf8');
  const window = {};
  new Function('window', script)(window);
  const { sections, names } = window.bardlingIndex;
  expect(names.length > 0, 'search-index.js', 'knows no name of the class reference');
  for (const address of [...sections.map((s) => s[2]), ...names.map((n) => n[3])]) {
    const [file, anchor] = address.split('#');
    expect(html[file] && (!anchor || html[file].includes(`id="${anchor}"`) || html[file].includes(`name="${anchor}"`)), 'search-index.js', `leads to ${address}, which does not exist`);
  }
}

// What a link to the site unfurls to, and the licence.
function check_card() {
  const card = html['index.html'].match(/property="og:image" content="([^"]*)"/)?.[1].replace(/.*\//, '');
  expect(card && existsSync(join(site, card)) && readFileSync(join(site, card)).subarray(1, 4).toString() === 'PNG', 'index.html', `its picture for links is ${card}, which is no PNG of the site`);
  if (existsSync(join(source, 'LICENSE'))) expect(html['glossary.html'].includes('href="licence.txt"') && existsSync(join(site, 'licence.txt')), 'glossary.html', 'names no licence');
}

// The small map at the head of each chapter has as many parts lit as the map names for it, and leads to the map.
async function check_overview(context) {
  const map = join(source, 'docs/figures/map.svg');
  if (!existsSync(map)) return;
  const built = [...readFileSync(map, 'utf8').matchAll(/<(?:rect|circle) data-chapter="(\d+)"/g)].map((found) => Number(found[1]));
  const tab = await open(context, 'index.html');
  expect(await tab.locator('.landing-map figure svg').count() > 0, 'index.html', 'does not show the whole map');
  for (const page of reading_order.filter((name) => name.startsWith('chapter_'))) {
    await go(tab, page);
    const number = Number(page.match(/\d+/)[0]);
    const counts = await tab.locator('.overview .part').evaluateAll((all) => ['built', 'new', 'later'].map((kind) => all.filter((part) => part.classList.contains(kind)).length));
    const wanted = [built.filter((n) => n < number), built.filter((n) => n === number), built.filter((n) => n > number)].map((all) => all.length);
    expect(counts.join() === wanted.join(), page, `the small map has ${counts} parts built, new and to come, expected ${wanted}`);
    // What is folded away opens for a link that leads into it.
    const folded = await tab.evaluate(() => { const inside = document.querySelector('details.fold > div > *'); if (!inside) return false; inside.id ||= 'inside'; location.hash = inside.id; return true; });
    if (folded) await tab.waitForFunction(() => document.querySelector('details.fold').open).catch(() => fault(page, 'a fold stays closed for a link into it'));
  }
  await tab.close();
}

async function check_search(context) {
  const tab = await open(context, 'index.html');
  await tab.keyboard.press('/');
  for (const word of search_words) {
    await tab.fill('#search-field', '');
    await tab.keyboard.type(word, { delay: 20 });
    await tab.waitForSelector('#search-results a').catch(() => fault('index.html', `the search finds nothing for "${word}"`));
  }
  await tab.evaluate(axe);
  await check_accessibility(tab, 'index.html with search results', 'light');
  await tab.keyboard.press('ArrowDown');
  const wanted = await tab.getAttribute('#search-results a[aria-selected=true]', 'href').catch(() => null);
  await tab.keyboard.press('Enter');
  await tab.waitForURL((url) => wanted && url.href.endsWith(wanted)).catch(() => fault('index.html', `Enter does not open the search result ${wanted}`));
  await tab.close();
}

async function check_without_scripts(browser) {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: sizes[0] });
  context.setDefaultTimeout(patience);
  for (const page of reading_order) {
    const tab = await context.newPage();
    await tab.goto(pathToFileURL(join(site, page)).href);
    const empty = await tab.locator('.widget-static').evaluateAll((all) =>
      all.filter((e) => getComputedStyle(e).display === 'none' || !e.querySelector('svg, table, img, figure')).length).catch(() => 0);
    expect(empty === 0, page, `${empty} widgets show nothing without scripts`);
    const ways = await tab.locator('.plain-pages a').evaluateAll((all) => all.filter((a) => a.getBoundingClientRect().height > 0).map((a) => a.getAttribute('href')));
    expect(reading_order.slice(1).every((to) => ways.includes(to)), page, `without scripts only these pages are in reach: ${ways}`);
    await tab.close();
  }
  await context.close();
}

check_files();
check_index();
check_card();
const browser = await launch(['--disable-gpu'], patience);
const context = await browser.newContext({ viewport: sizes[0], reducedMotion: 'reduce' });
context.setDefaultTimeout(patience);
const few = process.argv.slice(4);
const queue = few.length ? [...few] : [...opened].sort((a, b) => reading_order.includes(b) - reading_order.includes(a));
await Promise.all([1, 2, 3].map(async () => {
  const tab = await new_tab(context);
  while (queue.length) {
    const page = queue.shift();
    await check_page(tab, page).catch((error) => fault(page, `cannot be looked at: ${error.message.split('\n')[0]}`));
  }
  await tab.close();
}));
if (!few.length) {
  await check_order(context);
  await check_overview(context);
  await check_search(context);
  await check_without_scripts(browser);
}
await browser.close();
console.log(Object.entries(spent).sort((a,b)=>b[1]-a[1]).map(([n,s])=>n+' '+(s/1000).toFixed(1)).join('\n'));
for (const line of faults) console.log(line);
console.log(faults.length ? `${faults.length} faults on ${few.length || pages.length} pages` : few.length ? `${few.join(' ')}: no fault` : `${pages.length} pages, ${opened.length} of them opened, ${reading_order.length} of those texts: no fault`);
process.exit(faults.length ? 1 : 0);
