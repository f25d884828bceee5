package io.dormouse.callbacks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

/** What the app's code throws is logged with where it was thrown, and without what it says. */
class WithoutMessageTest {
  private static final String SECRET = "s3cr3t";

  private final List<Object> logged = new ArrayList<>();
  private final Logger log = logger(false);

  private Logger logger(boolean throwing) {
    return (Logger)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Logger.class},
            (proxy, method, args) -> {
              if (throwing) {
                throw new IllegalStateException("a logger that throws");
              }
              logged.addAll(Arrays.asList((Object[]) args[1]));
              return null;
            });
  }

  private static String print(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }

  @Test
  void classesAndFramesAreToldAndNoMessage() {
    Throwable cause = new NoClassDefFoundError(SECRET);
    Throwable thrown = new IllegalStateException("password " + SECRET, cause);
    thrown.addSuppressed(new IllegalArgumentException(SECRET));
    assertThat(print(WithoutMessage.of(thrown)))
        .contains(
            "java.lang.IllegalStateException",
            "java.lang.NoClassDefFoundError",
            "WithoutMessageTest.classesAndFramesAreToldAndNoMessage")
        .doesNotContain(SECRET);
  }

  @Test
  void itIsLoggedWithItsOwnerAndWhatHappened() {
    WithoutMessage.log(log, "chat", "a callback threw", new IllegalStateException(SECRET));
    assertThat(logged).hasSize(3).startsWith("chat", "a callback threw");
    assertThat(print((Throwable) logged.get(2))).doesNotContain(SECRET);
  }

  @Test
  void causesThatAreACircleComeToAnEnd() {
    IllegalStateException one = new IllegalStateException();
    IllegalStateException other = new IllegalStateException(one);
    one.initCause(other);
    assertThat(print(WithoutMessage.of(one)).lines())
        .filteredOn(line -> line.startsWith("Caused by"))
        .hasSizeBetween(1, 20);
  }

  @Test
  void anExceptionThatThrowsWhenItIsAskedIsToldByItsClass() {
    class Bad extends RuntimeException {
      private static final long serialVersionUID = 1;

      @Override
      public String getMessage() {
        throw new IllegalStateException(SECRET);
      }

      @Override
      public synchronized Throwable getCause() {
        throw new IllegalStateException(SECRET);
      }

      @Override
      public StackTraceElement[] getStackTrace() {
        throw new IllegalStateException(SECRET);
      }

      @Override
      public String toString() {
        throw new IllegalStateException(SECRET);
      }
    }
    WithoutMessage.log(log, "chat", "a callback threw", new Bad());
    assertThat(logged).hasSize(3);
    assertThat(print((Throwable) logged.get(2))).contains("Bad").doesNotContain(SECRET);
  }

  @Test
  void aLoggerThatThrowsIsNobodysProblem() {
    WithoutMessage.log(logger(true), "chat", "a callback threw", new IllegalStateException());
    assertThat(logged).isEmpty();
  }
}
