// @ts-check
/**
 * The theme of the extension's small pages: the browser's, by the attribute that the panel's colours hang on.
 *
 * Used by popup.html and consent.html. Must not know what they say.
 */
const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => { document.documentElement.dataset.theme = dark.matches ? 'dark' : 'light'; };
dark.addEventListener('change', follow);
follow();
