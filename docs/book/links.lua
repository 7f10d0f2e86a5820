-- Links between pages in Markdown become links between pages in HTML; the first heading becomes the title.
function Link(link)
    local page, anchor = link.target:match('^([^:#]+)%.md(#?.*)$')
    if page then
        link.target = page:gsub('README$', 'index') .. '.html' .. anchor
    end
    return link
end

function Pandoc(document)
    for _, block in ipairs(document.blocks) do
        if block.t == 'Header' then
            document.meta.title = pandoc.utils.stringify(block)
            break
        end
    end
    return document
end
