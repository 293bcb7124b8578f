// Slabs in space, by WebGL 2: one box for each, two draw calls for all. The numbers lie in one texture, and the shader
// colours a cell by its number. It draws when asked, and never by itself.
function walkSpace(canvas) {
  "use strict";
  const gl = canvas.getContext("webgl2", { antialias: true, alpha: false });
  if (!gl) return null;
  const width = 2048; // of the texture with all numbers
  const masked = -3e38; // stands for minus infinity

  const vertex = `#version 300 es
    uniform vec3 eye, right, up, ahead;
    uniform vec2 zoom;
    uniform float thick; // of all slabs
    layout(location = 0) in vec3 corner;
    layout(location = 1) in vec3 normal;
    layout(location = 2) in vec3 place;
    layout(location = 3) in vec2 size;
    layout(location = 4) in vec4 data;   // where the numbers begin in the texture, the largest of them, how pale it is
    layout(location = 5) in vec3 role;
    out vec2 uv;
    out vec3 facing;
    flat out vec2 cells;
    flat out vec4 numbers;
    flat out vec3 colour;
    void main() {
      vec3 p = place + vec3(corner.x * size.x, -corner.y * size.y, -corner.z * thick);
      vec3 d = p - eye;
      float z = dot(d, ahead);
      uv = corner.xy * size;
      facing = normal;
      cells = size;
      numbers = data;
      colour = role;
      gl_Position = vec4(dot(d, right) * zoom.x, dot(d, up) * zoom.y, z * 1.0001 - 1.0, z);
    }`;
  const fragment = `#version 300 es
    precision highp float;
    precision highp sampler2D;
    uniform sampler2D all;
    uniform vec3 paper, zero, below, line;
    in vec2 uv;
    in vec3 facing;
    flat in vec2 cells;
    flat in vec4 numbers;
    flat in vec3 colour;
    out vec4 pixel;
    vec3 shade(vec2 at) {
      ivec2 cell = ivec2(clamp(floor(at), vec2(0.0), cells - 1.0));
      int texel = int(numbers.x) + cell.y * int(cells.x) + cell.x;
      float v = texelFetch(all, ivec2(texel % ${width}, texel / ${width}), 0).r;
      if (v < -1e38) return mix(paper, line, 0.55);
      float share = sqrt(min(1.0, abs(v) / numbers.y));
      return mix(zero, v < 0.0 ? below : colour, share);
    }
    void main() {
      vec3 c;
      if (abs(facing.z) > 0.5) {
        vec2 w = max(fwidth(uv), vec2(1e-4));
        if (max(w.x, w.y) > 0.8) {  // many cells in one pixel: a mean of some
          c = vec3(0.0);
          for (int i = 0; i < 3; ++i) for (int j = 0; j < 3; ++j) c += shade(uv + w * (vec2(i, j) - 1.0) / 3.0);
          c /= 9.0;
        } else {
          c = shade(uv);
          vec2 in_cell = fract(uv), edge = min(in_cell, 1.0 - in_cell) / w;
          ivec2 cell = ivec2(clamp(floor(uv), vec2(0.0), cells - 1.0));
          int texel = int(numbers.x) + cell.y * int(cells.x) + cell.x;
          float v = texelFetch(all, ivec2(texel % ${width}, texel / ${width}), 0).r;
          if (v < 0.0 && v > -1e38 && max(w.x, w.y) < 0.12 && abs(in_cell.y - 0.5) < 0.06 && abs(in_cell.x - 0.5) < 0.22) c = mix(c, paper, 0.85);
          float seam = smoothstep(0.0, 1.2, min(edge.x, edge.y));
          c = mix(mix(paper, c, 0.35), c, mix(1.0, seam, smoothstep(0.35, 0.12, max(w.x, w.y))));
        }
        vec2 rim = min(uv, cells - uv) / w;
        c = mix(colour, c, smoothstep(0.6, 1.6, min(rim.x, rim.y)));
      } else {
        c = mix(zero, colour, 0.75) * (abs(facing.y) > 0.5 ? 0.92 : 0.78);
      }
      pixel = vec4(mix(c, paper, numbers.w), 1.0);
    }`;

  function compiled(kind, text) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
    return shader;
  }
  const program = gl.createProgram();
  gl.attachShader(program, compiled(gl.VERTEX_SHADER, vertex));
  gl.attachShader(program, compiled(gl.FRAGMENT_SHADER, fragment));
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
  const uniform = Object.fromEntries(["eye", "right", "up", "ahead", "zoom", "thick", "all", "paper", "zero", "below", "line"].map((name) => [name, gl.getUniformLocation(program, name)]));

  // A box: six faces of two triangles each, a normal for each.
  const box = [];
  for (let axis = 0; axis < 3; ++axis) for (let side = 0; side < 2; ++side)
    for (const [s, t] of [[0, 0], [1, 0], [1, 1], [0, 0], [1, 1], [0, 1]]) {
      const corner = [0, 0, 0], normal = [0, 0, 0];
      corner[axis] = side;
      normal[axis] = side ? 1 : -1;
      corner[(axis + 1) % 3] = s;
      corner[(axis + 2) % 3] = t;
      box.push(...corner, ...normal);
    }
  const boxes = gl.createVertexArray(), each = gl.createBuffer();
  gl.bindVertexArray(boxes);
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ARRAY_BUFFER, new Float32Array(box), gl.STATIC_DRAW);
  for (const [at, offset] of [[0, 0], [1, 12]]) {
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, 3, gl.FLOAT, false, 24, offset);
  }
  gl.bindBuffer(gl.ARRAY_BUFFER, each);
  let offset = 0;
  for (const [at, count] of [[2, 3], [3, 2], [4, 4], [5, 3]]) {
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, count, gl.FLOAT, false, 48, offset);
    gl.vertexAttribDivisor(at, 1);
    offset += 4 * count;
  }
  const texture = gl.createTexture();
  let drawn = new Float32Array(0), first = new Map(); // all numbers, and where each slab's begin

  return {
    masked,
    // The numbers of all slabs, once a text.
    fill(slabs) {
      first = new Map();
      let size = 0;
      for (const one of slabs) {
        if (!one.values) continue;
        first.set(one.id, size);
        size += one.values.length;
      }
      drawn = new Float32Array(width * Math.max(1, Math.ceil(size / width)));
      for (const one of slabs) if (one.values) drawn.set(one.values.map((v) => (v === -Infinity ? masked : v)), first.get(one.id));
      gl.bindTexture(gl.TEXTURE_2D, texture);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.R32F, width, drawn.length / width, 0, gl.RED, gl.FLOAT, drawn);
      for (const key of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, key, gl.NEAREST);
    },
    // What is in the texture for a slab.
    values(id, count) {
      return Array.from(drawn.subarray(first.get(id), first.get(id) + count), (v) => (v <= masked ? -Infinity : v));
    },
    // seen: [{slab, pale}]; view: {eye, right, up, ahead, zoom, thick}; colours: {paper, zero, below, line, role(name)}
    draw(seen, view, colours) {
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(...colours.paper, 1);
      gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
      gl.enable(gl.DEPTH_TEST);
      gl.useProgram(program);
      gl.bindVertexArray(boxes);
      gl.bindBuffer(gl.ARRAY_BUFFER, each);
      for (const name of ["eye", "right", "up", "ahead"]) gl.uniform3fv(uniform[name], view[name]);
      for (const name of ["paper", "zero", "below", "line"]) gl.uniform3fv(uniform[name], colours[name]);
      gl.uniform2fv(uniform.zoom, view.zoom);
      gl.uniform1f(uniform.thick, view.thick);
      gl.bindTexture(gl.TEXTURE_2D, texture);
      // The pale ones first, and then as if they were not there: they hide nothing of what the stop shows.
      for (const around of [true, false]) {
        const some = seen.filter(({ slab, pale }) => first.has(slab.id) && pale > 0 === around);
        const data = new Float32Array(12 * some.length);
        some.forEach(({ slab, pale }, i) =>
          data.set([slab.x, slab.y, slab.z, slab.cols, slab.rows, first.get(slab.id), slab.largest, 0, pale, ...colours[slab.role]], 12 * i));
        gl.bufferData(gl.ARRAY_BUFFER, data, gl.DYNAMIC_DRAW);
        gl.clear(gl.DEPTH_BUFFER_BIT);
        gl.drawArraysInstanced(gl.TRIANGLES, 0, 36, some.length);
      }
    },
  };
}
