/** What does a server see when it comes back, and all its clients with it? In virtual time. */
package io.dormouse.bench.storm;
