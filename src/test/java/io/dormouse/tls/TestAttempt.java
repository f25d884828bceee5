package io.dormouse.tls;

import io.dormouse.loop.Loop;
import io.dormouse.network.Attempt;
import io.dormouse.network.LookUps;
import io.dormouse.network.Network;
import io.dormouse.network.Reach;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** An attempt that is connected already, and whose handshake is to be made. */
final class TestAttempt implements Attempt {
  private final Loop loop;
  private final Executor threads;

  /**
   * Creates one.
   *
   * @param threads does the steps of handshakes
   */
  TestAttempt(Loop loop, Executor threads) {
    this.loop = loop;
    this.threads = threads;
  }

  @Override
  public String connectionName() {
    return "test";
  }

  @Override
  public Loop loop() {
    return loop;
  }

  @Override
  public Network network() {
    return Network.system();
  }

  @Override
  public long connectTimeoutNanos() {
    return Long.MAX_VALUE;
  }

  @Override
  public Reach reach() {
    return Reach.standard();
  }

  @Override
  public LookUps.Ticket resolve(String host, LookUps.Listener listener) {
    throw new AssertionError("nothing is looked up");
  }

  @Override
  public <V> void lookUp(
      Object key, Callable<V> work, Consumer<V> done, Consumer<Exception> failed) {
    throw new AssertionError("nothing is looked up");
  }

  @Override
  public <V> void ask(Callable<V> supplier, Consumer<V> done, Consumer<Exception> failed) {
    throw new AssertionError("nobody is asked");
  }

  @Override
  public void report(Runnable report) {
    throw new AssertionError("nobody is told");
  }

  @Override
  public <V> void handshake(Callable<V> step, Consumer<V> done, Consumer<Exception> failed) {
    threads.execute(
        () -> {
          try {
            V result = step.call();
            loop.execute(() -> done.accept(result));
          } catch (Exception e) {
            loop.execute(() -> failed.accept(e));
          }
        });
  }
}
