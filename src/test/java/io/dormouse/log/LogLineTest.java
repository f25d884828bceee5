package io.dormouse.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Nothing comes back from a line that is written, whatever the logger or the exception do. */
class LogLineTest {
  private static final String SECRET = "s3cr3t";

  /** Its text is asked for by loggers, and is the app's code. */
  private static final class Bad extends RuntimeException {
    private static final long serialVersionUID = 1;

    @Override
    public String getMessage() {
      throw new IllegalStateException(SECRET);
    }
  }

  private static Logger logger(Consumer<List<Object>> onCall) {
    return (Logger)
        Proxy.newProxyInstance(
            LogLineTest.class.getClassLoader(),
            new Class<?>[] {Logger.class},
            (proxy, method, args) -> {
              List<Object> call = new ArrayList<>(List.of(method.getName(), args[0]));
              call.addAll(Arrays.asList((Object[]) args[1]));
              onCall.accept(call);
              return null;
            });
  }

  private static void writeAll(Logger log, Throwable thrown) {
    for (LogLine line :
        List.of(
            LogLine.error(log, "{}: {}"),
            LogLine.appError(log, "{}: {}"),
            LogLine.debug(log, "{}: {}"))) {
      line.write(thrown);
      line.write("chat", thrown);
      line.write("chat", "a change", thrown);
      line.write("chat", "a change", null);
    }
  }

  @Test
  void aLoggerThatThrowsIsNobodysProblem() {
    for (Throwable thrown : List.of(new IllegalStateException(), new OutOfMemoryError())) {
      Logger log =
          logger(
              call -> {
                throwAny(thrown);
              });
      assertThatCode(() -> writeAll(log, new IllegalStateException())).doesNotThrowAnyException();
    }
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void throwAny(Throwable thrown) throws T {
    throw (T) thrown;
  }

  @Test
  void anExceptionThatThrowsWhenItIsAskedIsNobodysProblem() {
    Logger log = LoggerFactory.getLogger(LogLineTest.class);
    assertThatCode(() -> writeAll(log, new Bad())).doesNotThrowAnyException();
  }

  @Test
  void onlyWhatTheAppHasThrownLosesItsMessage() {
    List<List<Object>> calls = new ArrayList<>();
    Throwable thrown = new IllegalStateException(SECRET);
    Logger log = logger(calls::add);
    LogLine.error(log, "{}: the wire threw").write("chat", thrown);
    LogLine.appError(log, "{}: a listener threw on {}").write("chat", "a change", thrown);
    LogLine.debug(log, "the loop has ended").write(thrown);
    assertThat(calls.get(0)).containsExactly("error", "{}: the wire threw", "chat", null, thrown);
    assertThat(calls.get(1).toString())
        .startsWith("[error, {}: a listener threw on {}, chat, a change, ")
        .contains("IllegalStateException")
        .doesNotContain(SECRET);
    assertThat(calls.get(2)).containsExactly("debug", "the loop has ended", null, null, thrown);
  }
}
