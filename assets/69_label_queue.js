/* No label is lost: each action goes into this browser's database first and to the server after it, in
 * batches. What the server did not confirm stays here and is sent again, after a reload, too, or from
 * another window; an action has a UUID, so that sending twice stores once. */
(function (A) {
  "use strict";

  const NAME = "argonscope-labels";
  const GATHER_MS = 120;
  const PATIENCE_MS = 15000;
  const RETRY_MS = [500, 1000, 2000, 4000];
  const MOST_ACTIONS = 200;
  const MOST_CHARACTERS = 300000;

  const waiting = new Map();     /* id -> {order, id, task, rater, body}: made, not confirmed */
  let opened = null;
  let sending = false;
  let timer = null;
  let failures = 0;
  let why = "";                  /* why the last try failed; "" when it did not */
  let forgetful = "";            /* why this browser cannot keep actions; "" when it can */
  let refused = 0;
  let counter = 0;
  let single = false;            /* after a refusal that names no action, one at a time */

  /* ---- this browser's database ------------------------------------------------------------------- */

  function database() {
    if (!opened) {
      opened = new Promise(function (resolve, reject) {
        const asked = window.indexedDB.open(NAME, 1);
        asked.onupgradeneeded = function () { asked.result.createObjectStore("actions", { keyPath: "id" }); };
        asked.onsuccess = function () { resolve(asked.result); };
        asked.onerror = function () { reject(asked.error); };
      });
      opened.catch(function () { opened = null; });
    }
    return opened;
  }

  /* Run some requests in one transaction; resolves when they are on disk. */
  function transaction(mode, work) {
    return database().then(function (db) {
      return new Promise(function (resolve, reject) {
        const all = db.transaction("actions", mode, { durability: "strict" });
        const result = work(all.objectStore("actions"));
        all.oncomplete = function () { resolve(result && result.result); };
        all.onabort = all.onerror = function () { reject(all.error); };
        if (mode === "readwrite" && all.commit) { all.commit(); }   /* even if this window closes now */
      });
    });
  }

  function cannotKeep(error) {
    forgetful = "this browser cannot keep them (" + ((error && error.name) || "storage is off") + ")";
    tell();
  }

  /* ---- what others use ----------------------------------------------------------------------------- */

  A.labelQueue = {
    /* Take an action of a task; it is on its way when this returns. */
    add: function (task, rater, body) {
      const record = { order: Date.now() + (counter += 1) / 1000, id: body.id, task: task, rater: rater, body: body };
      waiting.set(record.id, record);
      tell();
      transaction("readwrite", function (store) { store.put(record); }).catch(cannotKeep);
      later(GATHER_MS);
    },

    /* What waits of a task, of this window and of others, in the order it was made. */
    of: function (task) {
      return recall().then(function () {
        return inOrder().filter(function (record) { return record.task === task; })
          .map(function (record) { return record.body; });
      });
    },

    /* {state: "saved", "saving" or "failing", waiting, why, refused}. */
    state: function () {
      const problem = why || (waiting.size ? forgetful : "");
      return {
        state: !waiting.size ? "saved" : problem ? "failing" : "saving",
        waiting: waiting.size, why: problem, refused: refused,
      };
    },

    flush: function () { later(0); },

    /* Resolves when nothing of a task waits, rejects with the reason when it cannot be sent now. */
    settled: function (task) {
      return new Promise(function (resolve, reject) {
        const look = function () {
          const left = Array.from(waiting.values()).some(function (record) { return record.task === task; });
          if (!left) { resolve(); } else if (why) { reject(new Error(why)); } else { setTimeout(look, 40); }
        };
        failures = 0;
        why = "";
        later(0);
        look();
      });
    },
  };

  function tell() { A.emit("label-queue", A.labelQueue.state()); }

  function inOrder() {
    return Array.from(waiting.values()).sort(function (a, b) { return a.order - b.order; });
  }

  /* Read what earlier windows left. */
  function recall() {
    return transaction("readonly", function (store) { return store.getAll(); }).then(function (records) {
      refused = 0;
      records.forEach(function (record) {
        if (record.refused) { refused += 1; } else if (!waiting.has(record.id)) { waiting.set(record.id, record); }
      });
      tell();
      if (waiting.size) { later(0); }
    }, cannotKeep);
  }

  /* ---- sending --------------------------------------------------------------------------------------- */

  function later(ms) {
    clearTimeout(timer);
    timer = setTimeout(send, ms);
  }

  /* Oldest first, of one task and rater. */
  function batch() {
    const all = inOrder();
    const first = all[0];
    let characters = 0;
    const taken = all.filter(function (record) { return record.task === first.task && record.rater === first.rater; })
      .slice(0, single ? 1 : MOST_ACTIONS)
      .filter(function (record, i) {
        characters += record.body.payload.pixels ? record.body.payload.pixels.length + 400 : JSON.stringify(record.body).length;
        return i === 0 || characters < MOST_CHARACTERS;
      });
    return { task: first.task, rater: first.rater, records: taken };
  }

  function request(one, keepalive) {
    return A.requestJson("api/tasks/" + one.task + "/actions", {
      method: "POST", headers: A.raterHeaders({ "Content-Type": "application/json" }, one.rater), keepalive: keepalive,
      signal: keepalive ? undefined : AbortSignal.timeout(PATIENCE_MS),
      body: JSON.stringify({
        actions: one.records.map(function (record) { return record.body; }), after: A.knownSeq(one.task),
      }),
    });
  }

  function send() {
    if (sending || !waiting.size) { return; }
    sending = true;
    const one = batch();
    request(one, false).then(function (answer) {
      failures = 0;
      why = "";
      single = false;
      forget(one.records);
      A.emit("labels-stored", { task: one.task, answer: answer });
    }, function (error) { failed(one, error); }).then(function () {
      sending = false;
      tell();
      if (waiting.size) { later(why ? RETRY_MS[Math.min(failures, RETRY_MS.length) - 1] : 0); }
    });
  }

  function forget(records) {
    records.forEach(function (record) { waiting.delete(record.id); });
    transaction("readwrite", function (store) {
      records.forEach(function (record) { store.delete(record.id); });
    }).catch(cannotKeep);
  }

  /* What the server will never take is put aside, kept and told; all else is tried again. */
  function failed(one, error) {
    if (error.status === 400) {
      const named = one.records.find(function (record) { return record.id === (error.body || {}).action; });
      if (named || one.records.length === 1) { putAside(named || one.records[0], error.message); } else { single = true; }
      return;
    }
    failures += 1;
    why = error.message;
    if (error.status === 403 && one.rater !== A.labelling.rater.name) {
      why = "They are " + one.rater + "’s, who has to log in. " + error.message;
    }
  }

  function putAside(record, sentence) {
    waiting.delete(record.id);
    refused += 1;
    record.refused = sentence;
    transaction("readwrite", function (store) { store.put(record); }).catch(cannotKeep);
    A.emit("label-refused", { task: record.task, id: record.id, plane: record.body.plane, sentence: sentence });
  }

  /* ---- when to try -------------------------------------------------------------------------------------- */

  window.addEventListener("online", function () { later(0); });
  window.addEventListener("focus", function () { if (waiting.size) { later(0); } });
  /* The window goes: what is on its way may still arrive, and what does not is kept. */
  window.addEventListener("pagehide", function () {
    A.emit("label-leaving");
    if (waiting.size) { request(batch(), true).catch(function () { failures += 1; }); }
  });

  A.recallLabels = recall;
})(window.argonscope);
