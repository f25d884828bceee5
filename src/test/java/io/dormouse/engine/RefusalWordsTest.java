package io.dormouse.engine;

import static io.dormouse.connection.ConnectionState.DRAINING;
import static io.dormouse.connection.ConnectionState.OPEN;
import static io.dormouse.connection.ConnectionState.SUSPENDED;
import static io.dormouse.connection.ConnectionState.WAITING;
import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.engine.FakeConnection.Answer;
import io.dormouse.engine.FakeConnection.Step;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a refused send says is what helps. */
class RefusalWordsTest {
  private static final String RESUME = "; paused by the app; resume() opens it";
  private static final String REGISTER = "; closed by the app, so register a new connection";

  private final Rig rig = new Rig();

  @AfterEach
  void nothingStaysBehind() {
    rig.close();
  }

  private static String refusal(CompletableFuture<Void> send) {
    AtomicReference<String> message = new AtomicReference<>("accepted");
    send.exceptionally(
        thrown -> {
          message.set(thrown.getMessage());
          return null;
        });
    return message.get();
  }

  private FakeConnection draining(String name) {
    FakeConnection connection = rig.register(rig.prepared(name).answer(Step.FLUSH, Answer.LATER));
    rig.front();
    assertThat(connection.state()).isEqualTo(OPEN);
    return connection;
  }

  @Test
  void aPausedOneSaysThatResumeHelps() {
    FakeConnection connection = draining("a");
    connection.pause();
    rig.run();
    assertThat(connection.state()).isEqualTo(DRAINING);
    assertThat(refusal(connection.send("1"))).isEqualTo("a: not open but DRAINING" + RESUME);
    rig.advance(Rig.HARD_CLOSE);
    assertThat(connection.state()).isEqualTo(SUSPENDED);
    assertThat(refusal(connection.send("1"))).isEqualTo("a: not open but SUSPENDED" + RESUME);
  }

  @Test
  void aClosedOneSaysSoAlsoBeforeItIs() {
    FakeConnection connection = draining("a");
    connection.close();
    rig.run();
    assertThat(connection.state()).isEqualTo(DRAINING);
    assertThat(refusal(connection.send("1"))).isEqualTo("a: not open but DRAINING" + REGISTER);
    rig.advance(Rig.HARD_CLOSE);
    assertThat(refusal(connection.send("1")))
        .isEqualTo("a: not open but CLOSED; register a new connection");
  }

  @Test
  void aClosedOneOfWhichTheLoopHasNotHeardSaysSoToo() {
    FakeConnection connection = rig.register(rig.prepared("a").answer(Step.CONNECT, Answer.ENDS));
    rig.front();
    assertThat(connection.state()).isEqualTo(WAITING);
    connection.close();
    assertThat(refusal(connection.send("1"))).isEqualTo("a: not open but WAITING" + REGISTER);
  }
}
