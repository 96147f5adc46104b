/** A path of this site, as an address says where to go on; undefined for anything that leads elsewhere. */
export const pathHere = (text: string | undefined): string | undefined =>
  text && /^\/(?![/\\])[\w/.~-]*$/.test(text) ? text : undefined;
