package io.dormouse.engine;

import io.dormouse.observe.ResumeReport;
import io.dormouse.observe.SuspendReport;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** The futures of a registry for its reports. Any thread. */
final class ReportFutures {
  private final Engine engine;
  private final Suspends suspends;
  private final Resumes resumes;

  ReportFutures(Engine engine, Suspends suspends, Resumes resumes) {
    this.engine = engine;
    this.suspends = suspends;
    this.resumes = resumes;
  }

  /**
   * Returns a future for when nothing is being closed any more. It is completed on the loop, so it
   * is for those only who wait for it and hang nothing on it.
   */
  CompletableFuture<SuspendReport> settledOnLoop() {
    CompletableFuture<SuspendReport> future = new CompletableFuture<>();
    if (!engine.execute(() -> suspends.await(future))) {
      future.complete(suspends.latest());
    }
    return future;
  }

  /** Returns the same for an app. */
  CompletableFuture<SuspendReport> settled() {
    return offTheLoop(settledOnLoop());
  }

  /** Returns a future for when the first attempt of each connection is over. */
  CompletableFuture<ResumeReport> resumed() {
    CompletableFuture<ResumeReport> future = new CompletableFuture<>();
    if (!engine.execute(() -> resumes.await(future))) {
      future.complete(resumes.latest());
    }
    return offTheLoop(future);
  }

  /** What the app hangs on such a future may block, and callbacks may. Neither holds it up. */
  private <R> CompletableFuture<R> offTheLoop(CompletableFuture<R> future) {
    if (future.isDone()) {
      return CompletableFuture.completedFuture(future.join());
    }
    CompletableFuture<R> apps = new CompletableFuture<>();
    Executor reports = engine.environment().callbacks().reports();
    CompletableFuture<Void> unused =
        future.thenAccept(report -> reports.execute(() -> apps.complete(report)));
    return apps;
  }
}
