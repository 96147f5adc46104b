declare module '*/locales/en.mjs' {
  export const messages: import('@lingui/core').Messages;
}
declare module '*/locales/hi.mjs' {
  export const messages: import('@lingui/core').Messages;
}
declare module '*/locales/later/en.mjs' {
  export const messages: import('@lingui/core').Messages;
}
declare module '*/locales/later/hi.mjs' {
  export const messages: import('@lingui/core').Messages;
}
