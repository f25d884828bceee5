package io.dormouse.support;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Keeps what it is given until the test runs it. */
public final class ManualExecutor implements Executor {
  private final List<Runnable> waiting = new ArrayList<>();
  private RuntimeException refusal;
  private int outOfMemory;
  private Executor otherwise = waiting::add;

  /** From now on runs everything in the caller, as an app's executor may. */
  public void runInCaller() {
    otherwise = Runnable::run;
  }

  /** From now on everything has been run, on another thread, before it is handed in. */
  public void runAtOnceElsewhere() {
    otherwise = task -> CompletableFuture.runAsync(task, run -> new Thread(run).start()).join();
  }

  /** From now on throws this at whoever hands something in; null for no longer. */
  public void refuseWith(RuntimeException refusal) {
    this.refusal = refusal;
  }

  /** The next tasks, so many of them, find no memory to be handed in. */
  public void runOutOfMemory(int times) {
    outOfMemory = times;
  }

  @Override
  public void execute(Runnable task) {
    if (outOfMemory > 0) {
      outOfMemory--;
      throw new OutOfMemoryError("on purpose");
    }
    if (refusal != null) {
      throw refusal;
    }
    otherwise.execute(task);
  }

  public int size() {
    return waiting.size();
  }

  /** Runs everything, in order, with what is added meanwhile. Returns whether there was any. */
  public boolean runAll() {
    boolean any = !waiting.isEmpty();
    while (!waiting.isEmpty()) {
      waiting.remove(0).run();
    }
    return any;
  }

  /** Runs the first one, and nothing that it adds. */
  public void runOne() {
    waiting.remove(0).run();
  }

  /** Runs one, whichever: what several threads at once may make of it. */
  public void runAny(Random random) {
    if (!waiting.isEmpty()) {
      waiting.remove(random.nextInt(waiting.size())).run();
    }
  }
}
