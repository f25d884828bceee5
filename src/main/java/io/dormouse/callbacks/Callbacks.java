package io.dormouse.callbacks;

import io.dormouse.loop.InlineRuns;
import io.dormouse.loop.Loop;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Where a registry runs code that is not its own. Any thread.
 *
 * <ul>
 *   <li>{@link #serial} for the app's callbacks: on the app's executor if there is one; else inline
 *       on the loop's thread while they are quick and come often, and on callback threads
 *       otherwise.
 *   <li>{@link #completions} for the futures that the app was given: the same, but never on the
 *       app's executor, so that a callback that waits for one of them does get its answer. Whoever
 *       wants what follows on a thread of the app says so there: {@code thenRunAsync(…, executor)}.
 *   <li>{@link #blocking} for look-ups, suppliers and whatever else may block: on threads that no
 *       callback ever waits for.
 *   <li>{@link #computing} for the arithmetic of TLS handshakes, and for compressing: on few
 *       threads, that neither callbacks nor look-ups and suppliers take.
 *   <li>{@link #reports} for what the registry promises to tell whatever hangs: on threads that
 *       nothing else takes.
 * </ul>
 */
public final class Callbacks {
  private final Loop loop;
  private final LongSupplier clock;
  private final InlineRuns inline;
  private final Executor threads;
  private final Executor blocking;
  private final Executor computing;
  private final Executor reports;
  private final Optional<Executor> apps;
  private final Optional<Own> own;
  private final Stranded stranded;

  /** Threads that end with this. */
  private record Own(
      WorkerThreads callbacks,
      WorkerThreads blocking,
      WorkerThreads computing,
      WorkerThreads reports) {
    List<WorkerThreads> all() {
      return List.of(callbacks, blocking, computing, reports);
    }
  }

  /**
   * Creates one that uses threads of others, and runs nothing inline.
   *
   * @param threads runs callbacks, also those that an app's executor refuses, and tells reports
   * @param blocking runs work that may block, or computes
   * @param apps where the app wants its callbacks; empty if it leaves that to us
   */
  public Callbacks(Loop loop, Executor threads, Executor blocking, Optional<Executor> apps) {
    this(loop, InlineRuns.NEVER, threads, blocking, blocking, threads, apps, Optional.empty());
  }

  private Callbacks(
      Loop loop,
      InlineRuns inline,
      Executor threads,
      Executor blocking,
      Executor computing,
      Executor reports,
      Optional<Executor> apps,
      Optional<Own> own) {
    this.loop = loop;
    this.clock = loop::nanoTime;
    this.inline = inline;
    this.threads = threads;
    this.blocking = blocking;
    this.computing = computing;
    this.reports = reports;
    this.apps = apps;
    this.own = own;
    this.stranded = new Stranded(loop);
  }

  /**
   * Creates one with threads of its own. They start when they are needed, are daemons, and go when
   * they were idle for a second.
   *
   * @param inline runs callbacks on the loop's thread
   * @param namePrefix what the names of its threads begin with
   * @param apps where the app wants its callbacks; empty if it leaves that to us
   */
  public static Callbacks withOwnThreads(
      Loop loop, InlineRuns inline, String namePrefix, Optional<Executor> apps) {
    Own own =
        new Own(
            WorkerThreads.forCallbacks(loop, namePrefix + "-callback-"),
            WorkerThreads.forBlockingWork(loop, namePrefix + "-blocking-"),
            WorkerThreads.forComputing(loop, namePrefix + "-computing-"),
            WorkerThreads.forBlockingWork(loop, namePrefix + "-report-"));
    return new Callbacks(
        loop,
        inline,
        own.callbacks,
        own.blocking,
        own.computing,
        own.reports,
        apps,
        Optional.of(own));
  }

  /**
   * Returns an executor that runs callbacks of the app, in order and never two at once.
   *
   * @param owner whose they are, for the log
   */
  public SerialExecutor serial(String owner) {
    return apps.map(app -> new SerialExecutor(owner, app, threads, clock, stranded))
        .orElseGet(() -> completions(owner));
  }

  /**
   * Returns an executor that completes futures of the app, in order and never two at once, on
   * threads of the library whatever executor the app brings.
   *
   * @param owner whose they are, for the log
   */
  public SerialExecutor completions(String owner) {
    InlineCalls calls = new InlineCalls(loop, inline, threads);
    return new SerialExecutor(owner, calls, threads, clock, stranded);
  }

  /** Returns the threads for what may hang: look-ups and suppliers. No callback runs there. */
  public Executor blocking() {
    return blocking;
  }

  /**
   * Returns the threads for work that computes: the steps of TLS handshakes, and compression in
   * pieces of some milliseconds, so that they take turns.
   */
  public Executor computing() {
    return computing;
  }

  /**
   * Returns the threads that tell the registry's reports. What the app hangs on one may block: each
   * has a thread of its own.
   */
  public Executor reports() {
    return reports;
  }

  /** Returns whether the caller runs on one of its own threads. */
  public boolean isOnOneOfItsThreads() {
    return own.map(it -> it.all().stream().anyMatch(WorkerThreads::isOneOfThese)).orElse(false);
  }

  /** Lets its own threads run what was handed in, and then end. Does not wait for that. */
  public void shutdown() {
    own.ifPresent(it -> it.all().forEach(WorkerThreads::shutdown));
  }

  /** Waits until its own threads are gone. Returns false if they were not within the timeout. */
  public boolean awaitEnd(long timeout, TimeUnit unit) throws InterruptedException {
    long deadline = loop.nanoTime() + unit.toNanos(timeout);
    for (WorkerThreads threads : own.map(Own::all).orElse(List.of())) {
      if (!threads.awaitEnd(deadline - loop.nanoTime(), TimeUnit.NANOSECONDS)) {
        return false;
      }
    }
    return true;
  }
}
