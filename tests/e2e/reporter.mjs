// tests/e2e/reporter.mjs - what the test runner prints: each failure in full, what took long, and the closing line `N passed, N failed`.
import path from 'node:path';

const slow = 5000; // milliseconds

export default async function* report(events) {
  let passed = 0,
    failed = 0;
  for await (const { type, data } of events) {
    if (type === 'test:stderr' || type === 'test:stdout') yield data.message;
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const isFile = /\.test\.mjs$/.test(data.name);
    if (data.details?.type === 'suite') continue;
    if (type === 'test:pass') {
      if (isFile || data.skip !== undefined) continue;
      passed += 1;
      if (data.details.duration_ms > slow) yield `${Math.round(data.details.duration_ms)} ms: ${data.name}\n`;
    } else {
      const error = data.details.error;
      // A file or a test that fails only because of what is in it has been told already.
      if (error?.failureType === 'subtestsFailed') continue;
      failed += 1;
      const cause = error?.cause ?? error;
      yield `FAILED ${isFile ? path.basename(data.name) : data.name}\n    ${String(cause?.stack ?? cause).replaceAll('\n', '\n    ')}\n`;
    }
  }
  yield `${passed} passed, ${failed} failed\n`;
}
