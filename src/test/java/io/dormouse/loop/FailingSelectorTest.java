package io.dormouse.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.support.Await;
import io.dormouse.support.Sneaky;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A selector that has no memory is replaced, and one that fails ends its loop in good order. */
class FailingSelectorTest {
  /** The system's selector, for a loop without channels; fails as it is told, a number of times. */
  private static final class FailingSelector extends AbstractSelector {
    private final Selector selector;
    private final Throwable failure;
    private final AtomicInteger failures;
    private final CountDownLatch failed = new CountDownLatch(1);
    private Runnable beforeFailing = () -> {};

    FailingSelector(Throwable failure, int failures) throws IOException {
      this(SelectorProvider.provider(), failure, failures);
    }

    FailingSelector(SelectorProvider provider, Throwable failure, int failures) throws IOException {
      super(provider);
      this.selector = Selector.open();
      this.failure = failure;
      this.failures = new AtomicInteger(failures);
    }

    private void failIfTold() {
      if (failures.getAndDecrement() > 0) {
        failed.countDown();
        beforeFailing.run();
        Sneaky.raise(failure);
      }
    }

    @Override
    public int selectNow() throws IOException {
      failIfTold();
      return selector.selectNow();
    }

    @Override
    public int select(long timeout) throws IOException {
      failIfTold();
      return selector.select(timeout);
    }

    @Override
    public int select() throws IOException {
      failIfTold();
      return selector.select();
    }

    @Override
    public Selector wakeup() {
      return selector.wakeup();
    }

    @Override
    public Set<SelectionKey> keys() {
      return selector.keys();
    }

    @Override
    public Set<SelectionKey> selectedKeys() {
      return selector.selectedKeys();
    }

    @Override
    protected SelectionKey register(AbstractSelectableChannel channel, int ops, Object attached) {
      throw new UnsupportedOperationException();
    }

    @Override
    protected void implCloseSelector() throws IOException {
      selector.close();
      failIfTold();
    }
  }

  /** It may have lost a channel; what fails in its close is done again. */
  @Test
  void aSelectorThatHasNoMemoryIsReplaced() throws Exception {
    FailingSelector selector = new FailingSelector(new OutOfMemoryError("on purpose"), 3);
    SelectorLoop starved = SelectorLoop.start("dormouse-test-starved", selector, () -> {});
    Await.until("it is replaced", () -> !selector.isOpen());
    CountDownLatch ran = new CountDownLatch(3);
    for (int i = 0; i < 3; i++) {
      starved.execute(ran::countDown);
    }
    Await.latch(ran);
    assertThat(selector.failures.get()).isNotPositive();
    starved.stop();
    assertThat(ends(starved)).isTrue();
  }

  /** Gives the first selectors that are asked for to nobody. */
  private static final class FailingProvider extends OtherSelectors {
    private final Throwable failure;
    private final AtomicInteger failures;

    FailingProvider(Throwable failure, int failures) {
      this.failure = failure;
      this.failures = new AtomicInteger(failures);
    }

    @Override
    public AbstractSelector openSelector() throws IOException {
      if (failures.getAndDecrement() > 0) {
        Sneaky.raise(failure);
      }
      return provider().openSelector();
    }
  }

  static List<Throwable> refusals() {
    return List.of(
        new OutOfMemoryError("on purpose"),
        new InternalError(new OutOfMemoryError("on purpose")),
        new IOException("Too many open files"));
  }

  /** Nothing would wake the loop: what it waits for may be what the selector has lost. */
  @ParameterizedTest
  @MethodSource("refusals")
  void theLoopDoesNotSleepBeforeItIsReplaced(Throwable refusal) throws Exception {
    FailingSelector selector =
        new FailingSelector(new FailingProvider(refusal, 3), new OutOfMemoryError("on purpose"), 1);
    SelectorLoop starved = SelectorLoop.start("dormouse-test-starved", selector, () -> {});
    Await.until("it is replaced", () -> !selector.isOpen());
    starved.stop();
    assertThat(ends(starved)).isTrue();
  }

  /** Each attempt has the JVM collect the whole heap. What the loop can do it does meanwhile. */
  @Test
  void theLongerASelectorCannotBeReplacedTheLessOftenThatIsTried() throws Exception {
    FailingProvider provider = new FailingProvider(new OutOfMemoryError("on purpose"), 8);
    FailingSelector selector = new FailingSelector(provider, new OutOfMemoryError("on purpose"), 1);
    long begin = System.nanoTime();
    SelectorLoop starved = SelectorLoop.start("dormouse-test-starved", selector, () -> {});
    Await.until("half of it has failed", () -> provider.failures.get() < 4);
    CountDownLatch ran = new CountDownLatch(1);
    starved.execute(ran::countDown);
    Await.latch(ran);
    Await.until("it is replaced", () -> !selector.isOpen());
    assertThat(System.nanoTime() - begin).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(255));
    starved.stop();
    assertThat(ends(starved)).isTrue();
  }

  static List<Throwable> endings() {
    return List.of(new IOException("on purpose"), new InternalError("on purpose"));
  }

  /** Everything else is done all the same, also if the selector does not even close. */
  @ParameterizedTest
  @MethodSource("endings")
  void aSelectorThatFailsEndsTheLoopAndThatIsTold(Throwable failure) throws Exception {
    FailingSelector selector = new FailingSelector(failure, Integer.MAX_VALUE);
    CountDownLatch told = new CountDownLatch(1);
    SelectorLoop failing = SelectorLoop.start("dormouse-test-failing", selector, told::countDown);
    Await.latch(told);
    assertThat(ends(failing)).isTrue();
    assertThatThrownBy(() -> failing.execute(() -> {}))
        .isInstanceOf(RejectedExecutionException.class);
  }

  /** Futures depend on it: those of sends, and of whoever hears of the end. */
  @Test
  void aLoopThatFailsStillDoesWhatItHasAcceptedAndWhatItsEndLeaves() throws Exception {
    FailingSelector selector = new FailingSelector(new IOException("on purpose"), 1);
    List<String> ran = new CopyOnWriteArrayList<>();
    CompletableFuture<SelectorLoop> started = new CompletableFuture<>();
    selector.beforeFailing = () -> Await.get(started).execute(() -> ran.add("accepted"));
    SelectorLoop failing =
        SelectorLoop.start(
            "dormouse-test-failing",
            selector,
            () -> {
              ran.add("told");
              Await.get(started).atIterationEnd(() -> ran.add("left"));
            });
    started.complete(failing);
    assertThat(ends(failing)).isTrue();
    assertThat(ran).containsExactly("told", "accepted", "left");
  }

  private static boolean ends(SelectorLoop loop) throws InterruptedException {
    return loop.awaitEnd(Await.LIMIT.toSeconds(), TimeUnit.SECONDS);
  }
}
