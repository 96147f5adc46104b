// Parses boarding passes with the npm package bcbp: a line on standard input is what a bar code says, the line that answers it what the
// package makes of it, as JSON. The first argument is the folder the package is in.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const { decode } = createRequire(`${process.argv[2]}/`)("bcbp");
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(decode(line).data));
}
