package io.dormouse.engine;

import io.dormouse.loop.Loop;
import java.io.IOException;
import java.nio.channels.SelectableChannel;

/**
 * The loop as the wire of one generation has it. Whatever the loop calls for the wire runs under
 * the guard of its generation: if it throws, the generation ends, and nothing else does.
 */
final class GuardedLoop implements Loop {
  private final Loop loop;
  private final Session session;

  GuardedLoop(Loop loop, Session session) {
    this.loop = loop;
    this.session = session;
  }

  private Runnable guarded(Runnable task) {
    return () -> session.guard(task);
  }

  @Override
  public void execute(Runnable task) {
    loop.execute(guarded(task));
  }

  @Override
  public Timer schedule(long delayNanos, Runnable task) {
    return loop.schedule(delayNanos, guarded(task));
  }

  @Override
  public void atIterationEnd(Runnable task) {
    loop.atIterationEnd(guarded(task));
  }

  @Override
  public Signal signal(Runnable task) {
    return loop.signal(guarded(task));
  }

  @Override
  public Registration register(SelectableChannel channel, int ops, Handler handler)
      throws IOException {
    return loop.register(
        channel,
        ops,
        ready -> {
          try {
            handler.ready(ready);
          } catch (Throwable e) {
            session.thrown(e);
          }
        });
  }

  @Override
  public long nanoTime() {
    return loop.nanoTime();
  }

  @Override
  public boolean inLoop() {
    return loop.inLoop();
  }
}
