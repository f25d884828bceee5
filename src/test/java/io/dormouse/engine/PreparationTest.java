package io.dormouse.engine;

import static io.dormouse.connection.ConnectionState.OPEN;
import static io.dormouse.connection.ConnectionState.PREPARING;
import static io.dormouse.connection.ConnectionState.WAITING;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.support.Sneaky;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The app's own opening of a generation: until it is done, the connection is not open. */
class PreparationTest {
  private final Rig rig = new Rig();

  @AfterEach
  void nothingStaysBehind() {
    rig.close();
  }

  @Test
  void theOpeningRunsAmongTheCallbacksAndDecidesWhenItIsOpen() {
    List<String> order = new ArrayList<>();
    CompletableFuture<Void> signedIn = new CompletableFuture<>();
    FakeConnection connection =
        rig.prepared("a")
            .opening(
                generation -> {
                  order.add("opening of " + generation);
                  return signedIn;
                });
    connection.addListener((self, change) -> order.add(change.to().name()));
    rig.register(connection);
    rig.front();
    assertThat(connection.state()).isEqualTo(PREPARING);
    assertThat(order).containsExactly("CONNECTING", "PREPARING", "opening of 1");
    signedIn.complete(null);
    rig.run();
    assertThat(connection.state()).isEqualTo(OPEN);
    rig.assertIdle();
  }

  static List<Function<Long, CompletionStage<?>>> brokenOpenings() {
    return List.of(
        generation -> {
          throw new IllegalStateException("on purpose");
        },
        generation -> {
          throw new AssertionError("on purpose");
        },
        generation -> {
          Sneaky.raise(new IOException("undeclared, as Kotlin does"));
          return null;
        },
        generation -> null,
        generation -> {
          CompletableFuture<Void> failed = new CompletableFuture<>();
          failed.completeExceptionally(new IOException("on purpose"));
          return failed;
        });
  }

  @ParameterizedTest
  @MethodSource("brokenOpenings")
  void anOpeningThatFailsIsAFailedAttempt(Function<Long, CompletionStage<?>> opening) {
    FakeConnection connection = rig.register(rig.prepared("a").opening(opening));
    rig.front();
    assertThat(connection.state()).isEqualTo(WAITING);
    assertThat(Rig.reasons(connection)).containsExactly("-", "-", "PREPARE_FAILED");
    assertThat(connection.wire().aborts).isEqualTo(1);
    connection.opening(null);
    rig.advance(Duration.ofMillis(500));
    assertThat(connection.state()).isEqualTo(OPEN);
  }

  @Test
  void anOpeningThatSucceedsTooLateOpensNothing() {
    List<CompletableFuture<Void>> openings = new ArrayList<>();
    FakeConnection connection =
        rig.prepared("a")
            .opening(
                generation -> {
                  CompletableFuture<Void> opening = new CompletableFuture<>();
                  openings.add(opening);
                  return opening;
                });
    rig.register(connection);
    rig.front();
    rig.back();
    rig.front();
    openings.get(0).complete(null);
    rig.run();
    assertThat(connection.state()).isEqualTo(PREPARING);
    openings.get(1).complete(null);
    rig.run();
    assertThat(connection.state()).isEqualTo(OPEN);
  }
}
