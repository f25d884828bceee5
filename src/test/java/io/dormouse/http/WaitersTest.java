package io.dormouse.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.support.Await;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Who is woken, and who is not. */
class WaitersTest {
  private final Waiters waiters = new Waiters();
  private final AtomicInteger woken = new AtomicInteger();

  private static GatedCall call() {
    return new GatedCall(
        new Gate(null, System::nanoTime, InFlight.DRAIN, 1, () -> {}), InFlight.DRAIN);
  }

  private Thread await(GatedCall call) {
    Thread thread =
        new Thread(
            () -> {
              try (Waiters.Waiter waiter = waiters.waiter(call)) {
                waiter.look();
                waiter.awaitChange(TimeUnit.MINUTES.toNanos(10));
                woken.incrementAndGet();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    thread.start();
    Await.until("waiting", () -> thread.getState() == Thread.State.TIMED_WAITING);
    return thread;
  }

  /** So that many cancellations at once do not wake everybody for each of them. */
  @Test
  void oneThatIsCancelledWakesNoOther() throws InterruptedException {
    GatedCall one = call();
    Thread first = await(one);
    Thread second = await(call());
    waiters.wake(one);
    first.join();
    assertThat(second.getState()).isEqualTo(Thread.State.TIMED_WAITING);
    assertThat(woken).hasValue(1);
    waiters.wakeAll();
    second.join();
    assertThat(woken).hasValue(2);
  }

  @Test
  void aChangeBetweenTheLookAndTheWaitIsNotLost() throws InterruptedException {
    GatedCall one = call();
    try (Waiters.Waiter waiter = waiters.waiter(one)) {
      waiter.look();
      waiters.wakeAll();
      waiter.awaitChange(TimeUnit.MINUTES.toNanos(10));
    }
    waiters.wake(one); // nobody waits any more
  }
}
