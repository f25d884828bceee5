package io.dormouse.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executor;

/** Keeps what it is given until the test runs it. */
final class ManualExecutor implements Executor {
  private final List<Runnable> waiting = new ArrayList<>();
  private RuntimeException refusal;

  /** From now on throws this at whoever hands something in; null for no longer. */
  void refuseWith(RuntimeException refusal) {
    this.refusal = refusal;
  }

  @Override
  public void execute(Runnable task) {
    if (refusal != null) {
      throw refusal;
    }
    waiting.add(task);
  }

  int size() {
    return waiting.size();
  }

  /** Runs everything, in order, with what is added meanwhile. Returns whether there was any. */
  boolean runAll() {
    boolean any = !waiting.isEmpty();
    while (!waiting.isEmpty()) {
      waiting.remove(0).run();
    }
    return any;
  }

  /** Runs one, whichever: what several threads at once may make of it. */
  void runAny(Random random) {
    if (!waiting.isEmpty()) {
      waiting.remove(random.nextInt(waiting.size())).run();
    }
  }
}
