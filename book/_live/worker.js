// The worker: Pyodide and netlab, both from this site. It passes messages to netlab.live.worker and answers back.
//
// A message is {id, ...} as netlab/live/worker.py tells; `recordings` names those that its code will read.

const here = new URL(".", import.meta.url);
const HOME = "/home/pyodide"; // the book's folders, as its notebooks find them
const fetched = new Set();
let asked = 0; // the question that is being answered

/** @param {string} name @returns {Promise<ArrayBuffer>} */
async function file(name) {
  const answer = await fetch(new URL(name, here)).catch(() => {
    throw new Error(`${name} did not arrive`);
  });
  if (!answer.ok) throw new Error(`${name} is not there (${answer.status})`);
  return answer.arrayBuffer();
}

/** Fails when one of Pyodide's own files does not come: Pyodide itself would wait for ever. @returns {Promise<never>} */
function lost() {
  const plain = self.fetch;
  return new Promise((_, reject) => {
    self.fetch = async (...asked) => {
      const answer = await plain(...asked).catch(() => undefined);
      if (!answer?.ok) reject(new Error(`${String(asked[0]).split("/").at(-1)} did not arrive`));
      return answer ?? Response.error();
    };
  });
}

/** @returns {Promise<{fs: any, answer: (message: string) => string}>} */
async function start() {
  postMessage({ doing: "Fetching Python: 6 MB, once" });
  const { loadPyodide } = await import(new URL("pyodide/pyodide.mjs", here).href).catch(() => {
    throw new Error("pyodide.mjs did not arrive");
  });
  const indexURL = new URL("pyodide/", here).href;
  const library = file("netlab.zip");
  const python = await Promise.race([lost(), Promise.all([loadPyodide({ indexURL }), library]).then(([made]) => made)]);
  postMessage({ doing: "Starting Python" });
  python.unpackArchive(await library, "zip", { extractDir: `${HOME}/library` });
  python.FS.mkdirTree(`${HOME}/book/_data/recordings`);
  python.FS.mkdirTree(`${HOME}/book/part`);
  python.globals.set("tell", (/** @type {number} */ progress) => postMessage({ id: asked, progress }));
  python.runPython(`
    import os, sys
    sys.path.insert(0, "${HOME}/library")
    os.environ["NETLAB_LIVE"] = "0"
    os.chdir("${HOME}/book/part")
    from netlab.live.worker import Worker
    answer = Worker(tell).answer
  `);
  postMessage({ ready: true, doing: "" });
  return { fs: python.FS, answer: python.globals.get("answer") };
}

/** Put the recordings where the code of a cell will look for them. @param {any} fs @param {string[]} names */
async function provide(fs, names) {
  for (const name of names.filter(name => !fetched.has(name))) {
    fs.writeFile(`${HOME}/book/_data/recordings/${name}.json`, new Uint8Array(await file(`recordings/${name}.json`)));
    fetched.add(name);
  }
}

const python = start();
python.catch(error => postMessage({ failed: String(error.message ?? error) }));

/** One after the other: a cell may need the names of the one before. */
let last = python.then(() => {});
onmessage = ({ data }) => {
  const { id, recordings = [], ...message } = data;
  last = last.then(async () => {
    const { fs, answer } = await python;
    asked = id;
    try {
      await provide(fs, recordings);
    } catch (error) {
      return postMessage({ id, answer: { error: `${/** @type {Error} */ (error).message}. Run it to try again.` } });
    }
    try {
      postMessage({ id, answer: JSON.parse(answer(JSON.stringify(message))) });
    } catch (error) {
      // Python answers whatever its code does. If it does not, its memory or its stack is gone: this Python is at its end.
      const words = String(/** @type {Error} */ (error).message ?? error).trim().split("\n").at(-1);
      postMessage({ id, answer: { error: `This broke Python down: ${words}. It starts again with the next run.` }, broken: true });
    }
  });
  last.catch(() => {});
};
