package io.dormouse.engine;

import static io.dormouse.connection.ConnectionState.CLOSED;
import static io.dormouse.connection.ConnectionState.CONNECTING;
import static io.dormouse.connection.ConnectionState.OPEN;
import static io.dormouse.connection.ConnectionState.SUSPENDED;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.CloseReason.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What a generation tells when it is over is dropped, and its work off the loop comes back to it.
 */
class GenerationTest {
  private final Rig rig = new Rig();

  @AfterEach
  void nothingStaysBehind() {
    rig.close();
  }

  private static final CloseReason LOST = CloseReason.of(Kind.NETWORK_LOST);

  @Test
  void whatACallbackUsesIsGivenBackAfterItThoughItThrows() {
    FakeConnection connection = rig.register("a");
    rig.front();
    rig.onLoop(
        () -> {
          boolean unused =
              connection
                  .wire()
                  .generation
                  .deliver(
                      1,
                      () -> {
                        connection.heard.add("callback");
                        throw new IllegalStateException("on purpose");
                      },
                      () -> connection.heard.add("given back"));
        });
    assertThat(connection.heard).containsExactly("callback", "given back");
  }

  @Test
  void whatAnOldGenerationTellsIsDropped() {
    List<String> givenBack = new ArrayList<>();
    FakeConnection connection = rig.registerSlow("a");
    rig.front();
    FakeWire old = connection.wire();
    rig.back();
    rig.front();
    assertThat(connection.wires()).hasSize(2);
    rig.onLoop(
        () -> {
          old.generation.connected();
          old.generation.flushed();
          old.generation.closed();
          old.generation.ended(LOST);
          assertThat(
                  old.generation.deliver(
                      5, () -> connection.heard.add("late"), () -> givenBack.add("what it uses")))
              .isTrue();
          old.generation.offload(() -> "work", done -> connection.heard.add(done), failure -> {});
        });
    assertThat(connection.state()).isEqualTo(CONNECTING);
    assertThat(connection.heard).isEmpty();
    assertThat(givenBack).containsExactly("what it uses");
    rig.onLoop(() -> connection.wire().up());
    assertThat(connection.state()).isEqualTo(OPEN);
    assertThat(connection.snapshot().generation()).isEqualTo(2);
  }

  /** In rabbitmq a connection that succeeds after close stays open. */
  @Test
  void aSuccessAfterTheCloseIsAborted() {
    FakeConnection connection = rig.registerSlow("a");
    rig.front();
    connection.close();
    rig.onLoop(() -> connection.wire().generation.connected());
    assertThat(connection.state()).isEqualTo(CLOSED);
    assertThat(connection.wire().aborts).isEqualTo(1);
    assertThat(rig.openSockets()).isZero();
    assertThat(connection.log.states()).containsExactly(SUSPENDED, CONNECTING, CLOSED);
    rig.assertIdle();
  }

  @Test
  void workOffTheLoopComesBackOnItUnlessTheGenerationIsOver() {
    FakeConnection connection = rig.registerSlow("a");
    rig.front();
    List<String> results = new ArrayList<>();
    rig.onLoop(
        () -> {
          connection
              .wire()
              .generation
              .offload(
                  () -> "found",
                  value -> results.add(value + " " + rig.loop.inLoop()),
                  failure -> results.add("?"));
          connection
              .wire()
              .generation
              .offload(
                  () -> {
                    throw new IOException("no such host");
                  },
                  value -> results.add("?"),
                  failure -> results.add(failure.getMessage() + " " + rig.loop.inLoop()));
        });
    assertThat(results).containsExactly("found true", "no such host true");
    rig.loop.execute(
        () ->
            connection
                .wire()
                .generation
                .offload(() -> "too late", results::add, failure -> results.add("?")));
    rig.loop.run();
    rig.app.back();
    rig.loop.run();
    rig.run();
    assertThat(results).hasSize(2);
  }

  @Test
  void workOffTheLoopThatFailsWithAnErrorFailsTheAttempt() {
    FakeConnection connection = rig.registerSlow("a");
    rig.front();
    List<String> failures = new ArrayList<>();
    rig.onLoop(
        () ->
            connection
                .wire()
                .generation
                .offload(
                    () -> {
                      throw new NoClassDefFoundError("some/Optional");
                    },
                    value -> failures.add("?"),
                    failure -> failures.add(String.valueOf(failure.getCause()))));
    assertThat(failures).containsExactly("java.lang.NoClassDefFoundError: some/Optional");
  }
}
