package io.dormouse.engine;

import io.dormouse.connection.CloseReason;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The app's own preparation of a new generation, such as a sign-in: what comes meanwhile is
 * delivered as ever, so that it can wait for an answer. It is over when the app's stage completes.
 */
final class Preparation {
  private final Session session;
  private final Link link;

  private Preparation(Session session, Link link) {
    this.session = session;
    this.link = link;
  }

  /**
   * Begins it. Loop only.
   *
   * @param preparation the app's, which gets the number of the generation; null if there is none
   * @param inbox where the app's code is called
   */
  static void begin(
      Session session,
      @Nullable Function<Long, CompletionStage<?>> preparation,
      Inbox inbox,
      Link link) {
    if (preparation == null) {
      link.on(Event.PREPARED);
    } else {
      Preparation begun = new Preparation(session, link);
      inbox.tell(session, () -> begun.call(preparation));
    }
  }

  /** Among the app's callbacks. */
  private void call(Function<Long, CompletionStage<?>> preparation) {
    if (session.endReason() != null) {
      return; // it would act on a socket that is gone
    }
    try {
      preparation
          .apply(session.number())
          .whenComplete((done, failure) -> session.post(() -> over(failure)));
    } catch (Throwable e) {
      session.post(() -> over(e));
    }
  }

  private void over(@Nullable Throwable failure) {
    if (failure == null) {
      link.on(Event.PREPARED);
      return;
    }
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    CloseReason.Kind kind = CloseReason.Kind.PREPARE_FAILED;
    link.on(new Event.Ended(CloseReason.of(kind, "the app's preparation failed", cause), false));
  }
}
