import optimizeLocales from '@react-aria/optimize-locales-plugin';
import babel from '@rolldown/plugin-babel';
import tailwind from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import type { Plugin, ProxyOptions } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { defineConfig } from 'vitest/config';

/** The style goes into the page: one answer less before anything is drawn. The binary names it in the page's policy by its hash. */
function styleInPage(): Plugin {
  return {
    name: 'style-in-page',
    enforce: 'post',
    apply: 'build',
    generateBundle(_, bundle) {
      const page = bundle['index.html'];
      if (page?.type !== 'asset') return;
      page.source = String(page.source).replace(/<link rel="stylesheet"[^>]*href="\/([^"]+)"[^>]*>/g, (link, name) => {
        const css = bundle[name];
        if (css?.type !== 'asset') return link;
        delete bundle[name];
        return `<style>${String(css.source).trim()}</style>`;
      });
    },
  };
}

/** Where `vite` sends what is not the app's: a served Udaan. */
const SERVED = process.env.UDAAN_URL ?? 'http://127.0.0.1:8080';

/** What that one calls itself (RFC 8414): a socket is let in from its own page alone, and it may be reached by another name. */
async function ownName(): Promise<string> {
  try {
    const answer = await fetch(new URL('/.well-known/oauth-authorization-server', SERVED));
    return new URL(((await answer.json()) as { issuer: string }).issuer).origin;
  } catch {
    return new URL(SERVED).origin;
  }
}

/** Has sockets come from the page of the served one. */
async function fromItsPage(isAsked: boolean): Promise<NonNullable<ProxyOptions['configure']>> {
  const name = isAsked ? await ownName() : SERVED;
  return (proxy) => void proxy.on('proxyReqWs', (request) => request.setHeader('origin', name));
}

export default defineConfig(async ({ command }) => ({
  plugins: [
    babel({ include: /\/src\/.*\.tsx?(?:$|\?)/, plugins: ['@lingui/babel-plugin-lingui-macro'] }),
    react(),
    tailwind(),
    optimizeLocales.vite({ locales: ['en-US'] }),
    styleInPage(),
    VitePWA({
      registerType: 'prompt',
      injectRegister: false,
      manifest: {
        name: 'Udaan',
        short_name: 'Udaan',
        description: 'Find a flight, book it and look after the trip.',
        lang: 'en',
        start_url: '/',
        id: '/',
        display: 'standalone',
        background_color: '#f2f6f5',
        theme_color: '#0b3b41',
        icons: [
          { src: '/icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' },
          { src: '/icon-192.png', sizes: '192x192', type: 'image/png', purpose: 'any' },
          { src: '/icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'any maskable' },
        ],
      },
      workbox: {
        globPatterns: ['**/*.{js,html,svg,png,woff2,webmanifest}'],
        navigateFallback: '/index.html',
        navigateFallbackDenylist: [
          /^\/(api|oauth|auth|dev|account|pass|unsubscribe|healthz|readyz|\.well-known)(\/|$|\.)/,
        ],
        importScripts: ['/push.js'],
        globIgnores: ['push.js'],
        inlineWorkboxRuntime: true,
        cleanupOutdatedCaches: true,
      },
    }),
  ],
  build: {
    target: 'es2022',
    // These have light-dark() themselves. What stands in for it goes by the device alone: neither a chosen scheme nor a pass that is
    // always white would be seen.
    cssTarget: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    manifest: true,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // What nearly every screen has would else be a dozen files of a few hundred bytes.
            { name: 'parts', test: /\/src\/(lib|api|ui\/(flight-line|icons|names|parts|journey|family))/ },
            { name: 'base', test: /node_modules\/(react|react-dom|scheduler|@tanstack|@lingui|openapi-fetch)\// },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      '^/(api|oauth|auth|dev|account)(/|$|\\.)': {
        target: SERVED,
        changeOrigin: false,
        ws: true,
        configure: await fromItsPage(command === 'serve'),
      },
    },
  },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
}));
