// What each widget must do, by keyboard: called once for every text page by site.mjs.
export async function check_widgets(tab, page, { expect }) {
}
